// Follows the events of a dashboard and shows them: runs, their state in figures, and curves.
var tributaryWatch = (function () {
    'use strict';

    const SMOOTHING = 0.9; // of the loss: about ten of the points shown count
    const MOST_COMPARED = 7;
    const MOST_TOLD_APART = 4; // replicas
    const TELLING = ['algorithm', 'replicas', 'local-steps', 'layers', 'width', 'outer-lr', 'codec', 'seed']; // settings
    const BETWEEN_DRAWINGS = 500; // milliseconds

    const root = document.documentElement;
    const darkSystem = window.matchMedia ? window.matchMedia('(prefers-color-scheme: dark)') : {matches: false};
    const shown = {}; // by the figure's id: its place, its chart, what was drawn last
    let runs = [];
    let chosen = 0;
    let across = 'tokens';
    let folderProblem = '';
    let drawing = 0;

    const axes = {
        tokens: {label: 'tokens', name: 'tokens', unit: '', of: function (line) { return line.tokens; }},
        steps: {label: 'steps', name: 'steps', unit: '', of: function (line) { return line.step; }},
        time: {label: 'time', name: 'time', unit: 'seconds', of: function (line) { return line.elapsed_seconds; }},
        bytes: {label: 'communicated', name: 'communicated', unit: 'bytes', of: function (line) { return line.communicated_bytes; }},
        virtual: {label: 'virtual time', name: 'virtual time', unit: 'seconds', of: function (line) { return line.virtual_seconds; }}
    };

    function element(id) {
        return document.getElementById(id);
    }

    function make(name, text, className) {
        const made = document.createElement(name);
        made.textContent = text;
        if (className) {
            made.className = className;
        }
        return made;
    }

    function number(value) {
        return Number.isFinite(value);
    }

    // ---- words for numbers

    function grouped(value) {
        return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
    }

    function scaled(value, unit) {
        const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
        let index = 0;
        while (value >= 999.5 && index < prefixes.length - 1) {
            value /= 1000;
            index++;
        }
        return (index === 0 || value >= 99.5 ? String(Math.round(value)) : value.toPrecision(3)) + ' ' + prefixes[index] + unit;
    }

    function duration(seconds) {
        const whole = Math.round(seconds);
        if (whole < 60) {
            return whole + ' s';
        }
        if (whole < 3600) {
            return Math.floor(whole / 60) + ' min ' + whole % 60 + ' s';
        }
        return whole < 172800 ? Math.floor(whole / 3600) + ' h ' + Math.floor(whole % 3600 / 60) + ' min'
            : Math.floor(whole / 86400) + ' d ' + Math.floor(whole % 86400 / 3600) + ' h';
    }

    function loss(value) {
        return number(value) ? value.toFixed(4) : '–';
    }

    // ---- runs

    function runAt(index) {
        while (runs.length <= index) {
            runs.push({name: '', settings: {}, lines: [], state: {activity: 'waiting', line: {}}});
        }
        return runs[index];
    }

    function newest(run) {
        return run.state.line || {};
    }

    function validation(run) {
        for (let i = run.lines.length - 1; i >= 0; i--) {
            if (number(run.lines[i].val_loss)) {
                return run.lines[i].val_loss;
            }
        }
        return NaN;
    }

    /** The losses as their mean moves, by the numbers that pick gives; a line without one is passed over. */
    function smoothed(lines, pick, axis) {
        const points = [];
        let mean = 0;
        let weight = 0;
        lines.forEach(function (line) {
            const value = pick(line);
            const x = axis.of(line);
            if (number(value) && number(x)) {
                mean = SMOOTHING * mean + (1 - SMOOTHING) * value;
                weight = SMOOTHING * weight + (1 - SMOOTHING);
                points.push([x, mean / weight]);
            }
        });
        return points;
    }

    function plain(lines, pick, axis) {
        return lines.filter(function (line) {
            return number(pick(line)) && number(axis.of(line));
        }).map(function (line) {
            return [axis.of(line), pick(line)];
        });
    }

    function trainLoss(line) {
        return line.train_loss;
    }

    function recentLoss(run) {
        const points = smoothed(run.lines, trainLoss, axes.steps);
        return points.length ? points[points.length - 1][1] : NaN;
    }

    /** What tells the runs apart at a glance, each with its value in this run. */
    function differences(run) {
        const keys = TELLING.filter(function (key) {
            return run.settings[key] !== undefined && runs.some(function (other) {
                return other.settings[key] !== run.settings[key] && Object.keys(other.settings).length > 0;
            });
        });
        return keys.map(function (key) {
            return key + ' ' + run.settings[key];
        }).join(', ');
    }

    function label(run) {
        const last = run.name.replace(/^.*[\\/]/, '');
        if (!/^[0-9a-f]{8,}$/.test(last)) {
            return run.name;
        }
        const own = differences(run);
        const twin = runs.some(function (other) {
            return other !== run && differences(other) === own;
        });
        return own === '' ? run.name : twin ? own + ' (' + last.slice(0, 6) + ')' : own;
    }

    function about(run) {
        const settings = run.settings;
        if (!settings.algorithm) {
            return '';
        }
        const replicas = Number(settings.replicas);
        return settings.algorithm + ', ' + replicas + (replicas === 1 ? ' replica' : ' replicas')
            + (Number(settings['local-steps']) > 1 ? ' that merge every ' + settings['local-steps'] + ' steps' : '')
            + '; ' + settings.layers + ' layers, width ' + settings.width + ', context ' + settings.context
            + '; ' + grouped(settings.batch * settings.context) + ' tokens a step; data ' + settings.data;
    }

    function activity(run) {
        return {waiting: 'has not logged a step yet', training: 'training', quiet: 'silent', finished: 'finished'}[run.state.activity];
    }

    function silence(run) {
        return run.state.activity === 'quiet' ? 'Nothing new since ' + new Date(run.state.written).toLocaleString()
            + ': the run was stopped, or is in a long step. ' : '';
    }

    // ---- figures

    function lossFigure(run, axis) {
        const replicas = Number(run.settings.replicas) || 1;
        const series = [];
        for (let m = 0; replicas > 1 && m < replicas; m++) {
            const apart = replicas <= MOST_TOLD_APART;
            series.push({
                name: apart ? 'replica ' + (m + 1) : 'each replica', mark: 'faint', hue: apart ? m + 2 : 2,
                points: smoothed(run.lines, function (line) {
                    return line.replica_losses ? line.replica_losses[m] : NaN;
                }, axis)
            });
        }
        series.push({name: 'all replicas', mark: 'line', hue: 0, points: smoothed(run.lines, trainLoss, axis)});
        series.push({
            name: 'validation', mark: 'line_and_points', hue: 1,
            points: plain(run.lines, function (line) { return line.val_loss; }, axis)
        });
        return {
            kind: 'curves', id: 'loss', title: 'Loss', note: 'Training losses as a moving mean of about ten of the points shown.',
            y: {name: 'loss', unit: 'nats a token', log: false}, series: series
        };
    }

    function curve(id, title, note, name, unit, pick) {
        return function (run, axis) {
            return {
                kind: 'curves', id: id, title: title, note: note, y: {name: name, unit: unit, log: false},
                series: [{name: name, mark: 'line', hue: 0, points: plain(run.lines, pick, axis)}]
            };
        };
    }

    const figuresOfOne = [
        lossFigure,
        curve('speed', 'Speed', 'Evaluation and checkpoints left out.', 'tokens a second', '', function (line) {
            return line.tokens_per_second;
        }),
        curve('rounds', 'Synchronisations', 'How often the replicas have met.', 'rounds', '', function (line) {
            return line.rounds;
        }),
        curve('bytes', 'Communication', 'Sent and received by all replicas so far.', 'communicated', 'bytes', function (line) {
            return line.communicated_bytes;
        }),
        curve('rate', 'Learning rate', 'Of the inner optimizer.', 'learning rate', '', function (line) {
            return line.lr;
        })
    ];

    function comparison(axis) {
        const latest = runs.filter(function (run) {
            return run.lines.length > 0;
        }).sort(function (a, b) {
            return b.state.written - a.state.written;
        }).slice(0, MOST_COMPARED).sort(function (a, b) {
            return runs.indexOf(a) - runs.indexOf(b);
        });
        return {
            kind: 'curves', id: 'runs', title: 'Loss of ' + (latest.length < runs.length ? 'the ' + latest.length + ' runs' : 'the runs')
                + (latest.length < runs.length ? ' written to last' : ''),
            note: 'Training losses as a moving mean of about ten of the points shown.',
            y: {name: 'loss', unit: 'nats a token', log: false},
            series: latest.map(function (run, index) {
                return {name: label(run), mark: 'line', hue: index, points: smoothed(run.lines, trainLoss, axis)};
            })
        };
    }

    function theme() {
        return tributaryFigures.themes[root.getAttribute('data-theme') || (darkSystem.matches ? 'dark' : 'light')];
    }

    function place(figure) {
        if (!shown[figure.id]) {
            const box = make('figure', '');
            const caption = box.appendChild(make('figcaption', ''));
            caption.appendChild(make('h3', ''));
            caption.appendChild(make('p', ''));
            const chart = box.appendChild(make('div', '', 'chart'));
            const actions = box.appendChild(make('div', '', 'actions'));
            const button = actions.appendChild(make('button', 'Data as CSV'));
            button.type = 'button';
            button.addEventListener('click', function () {
                tributaryFigures.save(figure.id + '.csv', 'text/csv', tributaryFigures.csv(shown[figure.id].figure));
            });
            element('figures').insertBefore(box, figure.id === 'runs' ? element('across').nextSibling : null);
            shown[figure.id] = {box: box, place: chart, chart: null, figure: figure};
        }
        return shown[figure.id];
    }

    function drawFigure(figure) {
        const at = place(figure);
        const points = figure.series.some(function (series) {
            return series.points.length > 0;
        });
        at.figure = figure;
        at.box.hidden = !points;
        at.box.querySelector('h3').textContent = figure.title;
        at.box.querySelector('figcaption p').textContent = figure.note;
        const width = at.place.clientWidth;
        if (!points || width === 0) {
            return;
        }
        const height = tributaryFigures.height(figure, width);
        at.place.style.height = height + 'px';
        at.chart = at.chart || echarts.init(at.place, null, {renderer: 'svg', width: width, height: height});
        at.chart.resize({width: width, height: height});
        at.chart.setOption(tributaryFigures.option(figure, theme(), width, false), true);
    }

    // ---- the page

    function tile(name, value, more) {
        const box = make('div', '');
        box.appendChild(make('dt', name));
        const text = box.appendChild(make('dd', value));
        if (more) {
            text.appendChild(make('small', ' ' + more));
        }
        element('tiles').appendChild(box);
    }

    function showRun(run) {
        const line = newest(run);
        const steps = Number(run.settings.steps);
        const done = line.step || 0;
        element('name').textContent = label(run);
        element('name').hidden = runs.length < 2;
        element('about').textContent = about(run);
        const problem = [run.state.problem || '', silence(run), run.state.unreadable_lines
            ? run.state.unreadable_lines + ' lines of its metrics could not be read. ' : ''].join('');
        element('problem').textContent = problem;
        element('problem').hidden = problem === '';
        element('progress').setAttribute('aria-valuemax', steps || 0);
        element('progress').setAttribute('aria-valuenow', done);
        element('progress').firstElementChild.style.width = (steps ? 100 * done / steps : 0) + '%';
        element('tiles').textContent = '';
        tile('steps', grouped(done), steps ? 'of ' + grouped(steps) : '');
        if (run.state.activity === 'training' && number(run.state.seconds_left)) {
            tile('time left', duration(run.state.seconds_left), '');
        } else {
            tile('state', run.state.activity === 'waiting' ? 'starting' : activity(run), '');
        }
        if (number(line.elapsed_seconds)) {
            tile('time so far', duration(line.elapsed_seconds), '');
        }
        tile('training loss', loss(recentLoss(run)), '');
        tile('validation loss', loss(validation(run)), '');
        if (number(line.tokens_per_second)) {
            tile('speed', grouped(line.tokens_per_second), 'tokens/s');
        }
        if (number(line.rounds)) {
            tile('synchronisations', grouped(line.rounds), '');
        }
        if (number(line.communicated_bytes)) {
            tile('communicated', scaled(line.communicated_bytes, 'B'), '');
        }
        if (number(line.virtual_seconds)) {
            tile('virtual time', duration(line.virtual_seconds), '');
        }
    }

    const ORDER = ['training', 'waiting', 'quiet', 'finished'];

    function showAll() {
        const counts = {};
        runs.forEach(function (run) {
            counts[run.state.activity] = (counts[run.state.activity] || 0) + 1;
        });
        element('counts').textContent = runs.length + ' runs: ' + ORDER.filter(function (name) {
            return counts[name];
        }).map(function (name) {
            return counts[name] + ' ' + {training: 'training', waiting: 'starting', quiet: 'silent', finished: 'finished'}[name];
        }).join(', ');
        const body = element('runs');
        const focused = document.activeElement && document.activeElement.getAttribute('data-run');
        body.textContent = '';
        runs.slice().sort(function (a, b) {
            return ORDER.indexOf(a.state.activity) - ORDER.indexOf(b.state.activity);
        }).forEach(function (run) {
            const index = runs.indexOf(run);
            const line = newest(run);
            const row = body.appendChild(make('tr', ''));
            row.setAttribute('aria-selected', String(index === chosen));
            const first = row.appendChild(make('td', ''));
            const button = first.appendChild(make('button', label(run)));
            button.type = 'button';
            button.setAttribute('data-run', index);
            button.addEventListener('click', function () {
                chosen = index;
                draw();
            });
            const own = differences(run);
            if (own !== '' && label(run).indexOf(own) !== 0) {
                first.appendChild(make('small', own));
            }
            row.appendChild(make('td', run.state.activity === 'waiting' ? 'starting' : activity(run)));
            [grouped(line.step || 0) + ' / ' + (run.settings.steps ? grouped(run.settings.steps) : '?'), loss(recentLoss(run)),
                loss(validation(run)), number(line.tokens_per_second) ? grouped(line.tokens_per_second) : '–',
                number(run.state.seconds_left) ? duration(run.state.seconds_left) : ''].forEach(function (text) {
                row.appendChild(make('td', text, 'number'));
            });
            if (focused === String(index)) {
                button.focus();
            }
        });
    }

    function showAxes() {
        const row = element('across');
        const possible = Object.keys(axes).filter(function (key) {
            return runs.some(function (run) {
                return run.lines.some(function (line) {
                    return axes[key].of(line) > 0;
                });
            });
        });
        if (possible.indexOf(across) < 0 && possible.length > 0) {
            across = possible[0];
        }
        if (row.getAttribute('data-for') !== possible.join()) {
            row.setAttribute('data-for', possible.join());
            row.textContent = '';
            row.appendChild(make('span', 'Against', 'muted'));
            possible.forEach(function (key) {
                const button = row.appendChild(make('button', axes[key].label));
                button.type = 'button';
                button.setAttribute('data-axis', key);
                button.addEventListener('click', function () {
                    across = key;
                    draw();
                });
            });
        }
        row.querySelectorAll('button').forEach(function (button) {
            button.setAttribute('aria-selected', String(button.getAttribute('data-axis') === across));
            button.setAttribute('aria-pressed', String(button.getAttribute('data-axis') === across));
        });
    }

    function draw() {
        clearTimeout(drawing);
        drawing = 0;
        const several = runs.length > 1;
        element('all').hidden = !several;
        element('one').hidden = runs.length === 0;
        element('figures').hidden = runs.length === 0;
        if (runs.length === 0) {
            return;
        }
        const run = runAt(Math.min(chosen, runs.length - 1));
        const title = several ? runs.length + ' runs' : label(run);
        element('title').textContent = title;
        const steps = Number(run.settings.steps);
        document.title = (steps && !several ? Math.floor(100 * (newest(run).step || 0) / steps) + ' % ' : '') + title + ' – Tributary';
        if (several) {
            showAll();
        }
        showRun(run);
        showAxes();
        const axis = {name: axes[across].name, unit: axes[across].unit, log: false, of: axes[across].of};
        if (several) {
            const all = comparison(axis);
            all.x = axis;
            drawFigure(all);
        } else if (shown.runs) {
            shown.runs.box.hidden = true;
        }
        figuresOfOne.forEach(function (build) {
            const figure = build(run, axis);
            figure.x = axis;
            drawFigure(figure);
        });
    }

    function drawSoon() {
        if (drawing === 0) {
            drawing = setTimeout(draw, BETWEEN_DRAWINGS);
        }
    }

    function connection(text, lost) {
        element('connection').textContent = (folderProblem ? folderProblem + ' – ' : '') + text;
        element('connection').toggleAttribute('data-lost', lost);
    }

    // ---- events

    const listeners = {
        begin: function () {
            runs = [];
        },
        run: function (data) {
            runAt(data.run).name = data.name;
        },
        settings: function (data) {
            runAt(data.run).settings = data.settings;
        },
        points: function (data) {
            const run = runAt(data.run);
            run.lines = run.lines.concat(data.lines);
        },
        rewind: function (data) {
            const run = runAt(data.run);
            run.lines = run.lines.filter(function (line) {
                return line.step <= data.step;
            });
        },
        state: function (data) {
            if (data.run === undefined) {
                folderProblem = data.problem || '';
                connection('Live', false);
            } else {
                runAt(data.run).state = data;
            }
        }
    };

    /** Takes in an event; the page shows it when it is drawn next. */
    function tell(name, data) {
        listeners[name](data);
    }

    function listen() {
        const events = new EventSource('events');
        Object.keys(listeners).forEach(function (name) {
            events.addEventListener(name, function (event) {
                tell(name, JSON.parse(event.data));
                drawSoon();
            });
        });
        events.addEventListener('open', function () {
            connection('Live', false);
        });
        events.addEventListener('end', function () {
            events.close();
            connection('Ended: the program that served this page has stopped.', true);
            draw();
        });
        events.addEventListener('error', function () {
            connection(events.readyState === EventSource.CLOSED ? 'Refused; reload the page to try again.'
                : 'Connection lost; trying again …', true);
            if (events.readyState === EventSource.CLOSED) {
                setTimeout(listen, 5000);
            }
        });
    }

    // ---- light and dark, wide and narrow

    const toggle = element('theme');
    function labelToggle() {
        toggle.textContent = theme() === tributaryFigures.themes.dark ? 'Light' : 'Dark';
    }
    function themeChanged() {
        labelToggle();
        draw();
    }
    toggle.addEventListener('click', function () {
        root.setAttribute('data-theme', theme() === tributaryFigures.themes.dark ? 'light' : 'dark');
        themeChanged();
    });
    if (darkSystem.addEventListener) {
        darkSystem.addEventListener('change', themeChanged);
    }
    window.addEventListener('resize', drawSoon);
    labelToggle();
    if (window.EventSource) {
        listen();
    }
    return {tell: tell, draw: draw};
})();
