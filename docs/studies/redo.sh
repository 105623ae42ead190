#!/bin/sh
# Makes all that follows from the results of the studies here anew: tables, laws, plans, the report and its figures. Minutes, no training.
set -eu
cd "$(dirname "$0")/../.."

# Writes what a command prints into a file, where it has something to say.
into() {
    file=$1
    shift
    if "$@" > "$file.tmp"; then
        mv "$file.tmp" "$file"
    else
        rm "$file.tmp"
        echo "$file is left as it was" >&2
    fi
}

for study in jdk novels; do
    if [ -s docs/studies/$study/results.jsonl ]; then
        ./tributary study export docs/studies/$study.yaml --csv --out docs/studies/$study/results.csv
        ./tributary study export docs/studies/$study.yaml --markdown --out docs/studies/$study/tables.md
    fi
done

# The loss against size and replicas, DiLoCo at H = 30 and the outer rate that all sizes have; with H, where it was swept.
laws=docs/studies/jdk/laws
mkdir -p $laws
into $laws/replicas.json ./tributary fit docs/studies/jdk --law joint --where algorithm=diloco --where local_steps=30 \
    --where outer_learning_rate=0.6 --where learning_rate_times=1 --where tokens_per_parameter=20 --json
# Each number of replicas by itself, and data parallelism: the gap may shrink or grow with N.
for replicas in 1 2 4 8; do
    into $laws/replicas-$replicas.json ./tributary fit docs/studies/jdk --law power --where algorithm=diloco --where replicas=$replicas \
        --where local_steps=30 --where outer_learning_rate=0.6 --where learning_rate_times=1 --where tokens_per_parameter=20 --json
done
into $laws/data-parallel.json ./tributary fit docs/studies/jdk --law power --where algorithm=data-parallel \
    --where learning_rate_times=1 --where tokens_per_parameter=20 --json
into $laws/local-steps.json ./tributary fit docs/studies/jdk --law joint-local-steps --where algorithm=diloco \
    --where outer_learning_rate=0.6 --where learning_rate_times=1 --where tokens_per_parameter=20 --json
# The best inner rate of DiLoCo against size and replicas.
into $laws/inner-rate.json ./tributary fit docs/studies/jdk --law learning-rate-joint --where algorithm=diloco --where local_steps=30 \
    --where outer_learning_rate=0.6 --where tokens_per_parameter=20 --json
# The loss of one replica against tokens, and against size and tokens.
into $laws/tokens.json ./tributary fit docs/studies/jdk --law kaplan-d --where algorithm=data-parallel \
    --where learning_rate_times=1 --json
for law in joint-tokens chinchilla; do
    into $laws/$law.json ./tributary fit docs/studies/jdk --law $law --where algorithm=data-parallel \
        --where learning_rate_times=1 --json
done

for plan in clusters edge; do
    into docs/studies/jdk/$plan.txt ./tributary plan docs/studies/jdk-$plan.yaml
done

figures=$(mktemp -d)
./tributary report docs/studies/jdk --out docs/studies/jdk/report.html --figures "$figures"
mkdir -p docs/studies/jdk/figures
for figure in loss gap gap-rounds local-steps-diloco outer-rate-diloco effective-size-diloco; do
    cp "$figures/study-1-$figure.svg" docs/studies/jdk/figures/$figure.svg
done
rm -r "$figures"
