// Draws a figure with ECharts: option(figure, theme, width) is all that the library has to know. Runs in pages and in Rhino.
var tributaryFigures = (function () {
    'use strict';

    // Okabe and Ito's colours, which people who see few colours tell apart; on each ground those that stand out from it come first.
    const themes = {
        light: {
            text: '#1d2329', muted: '#5a6570', line: '#d9dee3', ground: '#ffffff',
            hues: ['#0072b2', '#d55e00', '#009e73', '#b0508a', '#b07a00', '#3a9bdc', '#1d2329'],
            calm: '#c9d0d6', low: '#2166ac', high: '#b35806', middle: '#f4f4f2'
        },
        dark: {
            text: '#e6eaee', muted: '#9aa6b2', line: '#333c45', ground: '#161b20',
            hues: ['#56b4e9', '#e69f00', '#35c49a', '#e08fbf', '#f0e442', '#ff8552', '#e6eaee'],
            calm: '#4a545e', low: '#4393c3', high: '#e08214', middle: '#2a3138'
        }
    };
    const ramps = {
        light: ['#f4f1e4', '#c9d8a4', '#6fb79a', '#2f7fa3', '#27418a'],
        dark: ['#20304f', '#27618c', '#2f9397', '#83bf8a', '#ece8a9']
    };
    const symbols = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'arrow'];
    const dashes = ['solid', [7, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2]];
    const prefixes = [[1e18, 'E'], [1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];
    /** Spans of a timeline that are seen at once, before anybody asks for more. */
    const BEGINNING = 400;
    const FAMILY = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif';
    const PAPER_FAMILY = 'Helvetica, Arial, Liberation Sans, sans-serif';

    function hue(theme, index) {
        return theme.hues[index % theme.hues.length];
    }

    function trimmed(text) {
        return text.indexOf('.') < 0 ? text : text.replace(/0+$/, '').replace(/\.$/, '');
    }

    /** 1230 as 1.23k, 4e-5 as it is. */
    function short(value, digits) {
        const size = Math.abs(value);
        for (let i = 0; i < prefixes.length; i++) {
            if (size >= 0.9995 * prefixes[i][0]) {
                const scaled = value / prefixes[i][0];
                return (Math.abs(scaled) < 999.5 ? trimmed(scaled.toPrecision(digits)) : String(Math.round(scaled))) + prefixes[i][1];
            }
        }
        if (size > 0 && size < 1e-3) {
            return trimmed(value.toExponential(1).replace('.0e', 'e'));
        }
        return trimmed(value.toPrecision(digits));
    }

    function tick(value) {
        return short(value, 3);
    }

    function exact(value) {
        return short(value, 5);
    }

    function escape(text) {
        return String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
    }

    function axisName(axis) {
        return axis.unit ? axis.name + ' (' + axis.unit + ')' : axis.name;
    }

    /** A step of 1, 2 or 5 times a power of ten. */
    function niceStep(range, parts) {
        const rough = range / parts;
        const power = Math.pow(10, Math.floor(Math.log(rough) / Math.LN10 + 1e-9));
        const lead = rough / power;
        return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    }

    /** Where a logarithmic axis is marked: at powers of ten, at 1 2 5, or evenly, as its length asks. */
    function logTicks(low, high) {
        const ticks = [];
        const decades = Math.log(high / low) / Math.LN10;
        if (decades < 0.8) {
            const step = niceStep(high - low, 5);
            for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) {
                ticks.push(Number((i * step).toPrecision(12)));
            }
            return ticks;
        }
        const leads = decades < 2.5 ? [1, 2, 5] : [1];
        const every = Math.max(1, Math.ceil(decades / 7));
        for (let power = Math.floor(Math.log(low) / Math.LN10) - 1; Math.pow(10, power) <= high; power++) {
            leads.forEach(function (lead) {
                const at = Number((lead * Math.pow(10, power)).toPrecision(12));
                if (power % every === 0 && at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) {
                    ticks.push(at);
                }
            });
        }
        return ticks;
    }

    function extent(figure, column) {
        let low = Infinity;
        let high = -Infinity;
        figure.series.forEach(function (series) {
            series.points.forEach(function (point) {
                for (let i = column; i < (column === 0 ? 1 : point.length); i++) {
                    low = Math.min(low, point[i]);
                    high = Math.max(high, point[i]);
                }
            });
        });
        return low <= high ? [low, high] : [1, 10];
    }

    function numberAxis(axis, theme, range) {
        const option = {
            type: axis.log ? 'log' : 'value',
            scale: true,
            name: axisName(axis),
            nameTextStyle: {color: theme.muted, fontSize: 12},
            axisLabel: {color: theme.muted, formatter: tick, hideOverlap: true, fontSize: 12},
            axisLine: {show: true, lineStyle: {color: theme.muted}},
            axisTick: {show: true, lineStyle: {color: theme.muted}},
            splitLine: {show: true, lineStyle: {color: theme.line}},
            minorTick: {show: false},
            minorSplitLine: {show: false}
        };
        if (axis.log) {
            const room = Math.max(1.01, Math.pow(range[1] / range[0], 0.03));
            option.min = range[0] / room;
            option.max = range[1] * room;
            const ticks = logTicks(option.min, option.max);
            [option.axisLabel, option.axisTick, option.splitLine].forEach(function (part) {
                part.customValues = ticks;
            });
        }
        return option;
    }

    /** Ends where the numbers end. */
    function tight(option) {
        option.max = option.max || 'dataMax';
        option.axisLabel.showMaxLabel = option.type === 'log';
        return option;
    }

    function across(option) {
        option.nameLocation = 'middle';
        option.nameGap = 30;
        option.splitLine.show = false;
        return option;
    }

    function upwards(option) {
        option.nameLocation = 'end';
        option.nameGap = 12;
        option.nameTextStyle.align = 'left';
        option.nameTextStyle.padding = [0, 0, 0, -34];
        option.axisLine.show = false;
        option.axisTick.show = false;
        return option;
    }

    /** Between the names of a legend; on paper the font may be wider than it is thought to be. */
    function legendGap(still) {
        return still ? 32 : 16;
    }

    /** Rows that a legend of these names takes. */
    function legendRows(names, width, still) {
        const gap = legendGap(still);
        let rows = 1;
        let used = 0;
        names.forEach(function (name) {
            const wide = 33 + gap + 6.8 * name.length;
            if (used > 0 && used + wide - gap > width) {
                rows++;
                used = 0;
            }
            used += wide;
        });
        return rows;
    }

    function unique(names) {
        return names.filter(function (name, index) {
            return names.indexOf(name) === index;
        });
    }

    function base(theme, names, width, still) {
        const shown = names.length > 1;
        return {
            option: {
                animation: false,
                backgroundColor: 'transparent',
                textStyle: {fontFamily: FAMILY, color: theme.text},
                legend: {
                    show: shown, left: 0, top: 0, itemGap: legendGap(still), itemWidth: 28, data: names,
                    textStyle: {color: theme.text, fontSize: 12}, inactiveColor: theme.line
                },
                tooltip: {
                    confine: true, backgroundColor: theme.ground, borderColor: theme.line,
                    textStyle: {color: theme.text, fontSize: 12, fontFamily: FAMILY}
                },
                grid: {left: 48, right: 16, top: 34, bottom: 48}
            },
            legend: shown ? 30 * legendRows(names, width, still) : 0
        };
    }

    function band(series, theme) {
        const color = hue(theme, series.hue);
        return {
            name: series.name, type: 'custom', clip: true, silent: true, z: 1, color: color, itemStyle: {color: color},
            encode: {x: 0, y: [1, 2]}, data: series.points, tooltip: {show: false},
            renderItem: function (params, api) {
                if (params.dataIndex > 0) {
                    return null;
                }
                const outline = series.points.map(function (point) {
                    return api.coord([point[0], point[2]]);
                });
                for (let i = series.points.length - 1; i >= 0; i--) {
                    outline.push(api.coord([series.points[i][0], series.points[i][1]]));
                }
                return {type: 'polygon', shape: {points: outline}, style: {fill: color, opacity: 0.18}};
            }
        };
    }

    /** A stroke with caps each, beside those of other hues at the same place. */
    function whiskers(series, theme) {
        const color = hue(theme, series.hue);
        const aside = 2 * (series.hue % 5 - 2);
        return {
            name: series.name, type: 'custom', clip: true, silent: true, z: 2, color: color, itemStyle: {color: color},
            encode: {x: 0, y: [1, 2]}, data: series.points, tooltip: {show: false},
            renderItem: function (params, api) {
                const low = api.coord([api.value(0), api.value(1)]);
                const high = api.coord([api.value(0), api.value(2)]);
                const x = low[0] + aside;
                const style = {stroke: color, lineWidth: 1.5, opacity: 0.7};
                return {
                    type: 'group', children: [[x, low[1], x, high[1]], [x - 3, low[1], x + 3, low[1]], [x - 3, high[1], x + 3, high[1]]]
                        .map(function (ends) {
                            return {type: 'line', shape: {x1: ends[0], y1: ends[1], x2: ends[2], y2: ends[3]}, style: style};
                        })
                };
            }
        };
    }

    function drawn(series, theme) {
        const color = hue(theme, series.hue);
        const symbol = symbols[series.hue % symbols.length];
        const few = series.points.length <= 60;
        switch (series.mark) {
            case 'band':
                return band(series, theme);
            case 'whiskers':
                return whiskers(series, theme);
            case 'points':
                return {
                    name: series.name, type: 'scatter', symbol: symbol, symbolSize: 9, z: 4, data: series.points,
                    itemStyle: {color: color, borderColor: theme.ground, borderWidth: 1}
                };
            case 'faint':
                return {
                    name: series.name, type: 'line', showSymbol: false, z: 2, data: series.points, itemStyle: {color: color},
                    symbol: 'none', lineStyle: {color: color, width: 1, opacity: 0.55}
                };
            default:
                return {
                    name: series.name, type: 'line', z: 3, data: series.points, symbol: symbol, symbolSize: 7,
                    showSymbol: series.mark === 'line_and_points' && few, itemStyle: {color: color, borderColor: theme.ground},
                    lineStyle: {color: color, width: 2, type: dashes[series.hue % dashes.length]}
                };
        }
    }

    function seriesNames(figure) {
        return unique(figure.series.map(function (series) {
            return series.name;
        }));
    }

    function curves(figure, theme, width, still) {
        const start = base(theme, seriesNames(figure), width, still);
        const option = start.option;
        option.grid.top = start.legend + 34;
        option.xAxis = tight(across(numberAxis(figure.x, theme, extent(figure, 0))));
        option.yAxis = upwards(numberAxis(figure.y, theme, extent(figure, 1)));
        if (figure.y.unit === 'share') {
            option.yAxis.max = 1;
        }
        const ordered = ['line', 'line_and_points', 'faint', 'points', 'whiskers', 'band']; // a legend shows the first of a name
        option.series = figure.series.slice().sort(function (one, other) {
            return ordered.indexOf(one.mark) - ordered.indexOf(other.mark);
        }).map(function (series) {
            return drawn(series, theme);
        });
        option.tooltip.trigger = 'axis';
        option.tooltip.axisPointer = {type: 'line', lineStyle: {color: theme.muted}};
        option.tooltip.formatter = function (hits) {
            if (hits.length === 0) {
                return '';
            }
            const lines = [escape(axisName(figure.x)) + ' <b>' + exact(hits[0].value[0]) + '</b>'];
            hits.forEach(function (hit) {
                lines.push(hit.marker + escape(hit.seriesName) + ' <b>' + exact(hit.value[1]) + '</b>');
            });
            return lines.join('<br>');
        };
        return option;
    }

    function names(values, theme, width) {
        return {
            type: 'category', data: values,
            axisLabel: {color: theme.text, fontSize: 12, width: Math.max(110, 0.3 * width), overflow: 'truncate'},
            axisLine: {show: false}, axisTick: {show: false}, splitLine: {show: false},
            nameTextStyle: {color: theme.muted, fontSize: 12}
        };
    }

    /** What is done with time, wherever it is drawn: told by height or pattern as well as by colour. */
    function partColor(theme, part, index) {
        const usual = {compute: 2, send: 0, receive: 1, lost: 3, down: 6, cut: 4, inside: 0, between: 1};
        return part === 'wait' || part === 'waiting' ? theme.calm : hue(theme, part in usual ? usual[part] : index - 1);
    }

    function partHeight(part) {
        return {compute: 0.84, lost: 0.84, send: 0.56, receive: 0.56, wait: 0.2, down: 0.36, cut: 0.36}[part] || 0.7;
    }

    function spans(figure, theme, width, still) {
        const start = base(theme, figure.parts, width, still);
        const option = start.option;
        option.grid = {left: 12, right: 24, top: start.legend + 8, bottom: still ? 8 : 44, outerBoundsMode: 'same'};
        option.xAxis = tight(across(numberAxis(figure.x, theme, [0, 1])));
        option.yAxis = names(figure.rows, theme, width);
        option.yAxis.inverse = true;
        const shown = still ? figure.spans.slice(0, BEGINNING) : figure.spans;
        if (!still) {
            option.dataZoom = [{
                start: 0, end: Math.min(100, 100 * BEGINNING / shown.length),
                type: 'slider', bottom: 8, height: 22, filterMode: 'weakFilter', brushSelect: false, borderColor: theme.line,
                textStyle: {color: theme.muted}, labelFormatter: tick, showDataShadow: false
            }];
        }
        option.series = figure.parts.map(function (part, index) {
            const color = partColor(theme, part, index);
            return {
                name: part, type: 'custom', color: color, itemStyle: {color: color}, encode: {x: [1, 2], y: 0},
                data: shown.filter(function (span) {
                    return span[1] === index;
                }).map(function (span) {
                    return [span[0], span[2], span[3]];
                }),
                renderItem: function (params, api) {
                    const from = api.coord([api.value(1), api.value(0)]);
                    const to = api.coord([api.value(2), api.value(0)]);
                    const high = api.size([0, 1])[1] * partHeight(part);
                    const area = params.coordSys;
                    const left = Math.max(from[0], area.x);
                    const right = Math.min(to[0], area.x + area.width);
                    return right < left ? null : {
                        type: 'rect', style: {fill: color},
                        shape: {x: left, y: from[1] - high / 2, width: Math.max(0.3, right - left), height: high}
                    };
                }
            };
        });
        option.tooltip.trigger = 'item';
        option.tooltip.formatter = function (hit) {
            return escape(figure.rows[hit.value[0]]) + ': ' + escape(hit.seriesName) + '<br><b>' + exact(hit.value[1]) + '</b> to <b>'
                + exact(hit.value[2]) + '</b> ' + escape(figure.x.unit);
        };
        return option;
    }

    function shares(figure, theme, width, still) {
        const start = base(theme, figure.parts, width, still);
        const option = start.option;
        option.grid = {left: 12, right: 24, top: start.legend + 8, bottom: 8, outerBoundsMode: 'same'};
        option.xAxis = across(numberAxis(figure.x, theme, [0, 1]));
        option.xAxis.scale = false;
        option.yAxis = names(figure.rows, theme, width);
        option.yAxis.inverse = true;
        const known = figure.parts.indexOf('compute') >= 0;
        const patterns = [
            null, {symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: 'rgba(255,255,255,0.35)'},
            null, {symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color: 'rgba(255,255,255,0.35)'}
        ];
        option.series = figure.parts.map(function (part, index) {
            const color = known ? partColor(theme, part, index) : hue(theme, index);
            return {
                name: part, type: 'bar', stack: 'all', barMaxWidth: 22,
                itemStyle: {color: color, decal: patterns[index % patterns.length]},
                data: figure.values.map(function (row) {
                    return row[index];
                })
            };
        });
        option.tooltip.trigger = 'axis';
        option.tooltip.axisPointer = {type: 'none'};
        option.tooltip.formatter = function (hits) {
            return [escape(hits[0].name)].concat(hits.map(function (hit) {
                return hit.marker + escape(hit.seriesName) + ' <b>' + exact(hit.value) + '</b> ' + escape(figure.x.unit);
            })).join('<br>');
        };
        return option;
    }

    function channel(hex, index) {
        return parseInt(hex.substr(1 + 2 * index, 2), 16) / 255;
    }

    function mixed(stops, share) {
        const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
        const below = Math.min(Math.floor(place), stops.length - 2);
        return [0, 1, 2].map(function (index) {
            const from = channel(stops[below], index);
            return from + (place - below) * (channel(stops[below + 1], index) - from);
        });
    }

    /** Of dark and white the one with more contrast, by WCAG's luminance. */
    function readable(color) {
        const linear = color.map(function (part) {
            return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        });
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.19 ? '#14181c' : '#ffffff';
    }

    function bounds(cell, before) {
        return cell.length < 5 ? '' : before + tick(cell[3]) + ' to ' + tick(cell[4]);
    }

    function bounded(figure) {
        return figure.cells.some(function (cell) {
            return cell.length === 5;
        });
    }

    function map(figure, theme, width) {
        const roomy = (width - 80) / figure.columns.length > 84;
        const option = base(theme, [], width).option;
        const shade = figure.value.log ? Math.log : Number;
        const values = figure.cells.map(function (cell) {
            return shade(cell[2]);
        });
        let low = Math.min.apply(null, values);
        let high = Math.max.apply(null, values);
        if (figure.signed) {
            high = Math.max(Math.abs(low), Math.abs(high), 1e-12);
            low = -high;
        }
        if (values.length === 0 || low === high) {
            low = (values.length === 0 ? 0 : low) - 0.5;
            high = low + 1;
        }
        const stops = figure.signed ? [theme.low, theme.middle, theme.high] : ramps[theme === themes.dark ? 'dark' : 'light'];
        option.grid = {left: 12, right: 16, top: 8, bottom: 52, outerBoundsMode: 'same'};
        option.xAxis = names(figure.columns, theme, width);
        option.xAxis.name = figure.x;
        option.xAxis.nameLocation = 'middle';
        option.xAxis.nameGap = 28;
        option.yAxis = names(figure.rows, theme, width);
        option.yAxis.name = figure.y;
        option.yAxis.nameLocation = 'end';
        option.yAxis.nameTextStyle.align = 'left';
        option.visualMap = {
            min: low, max: high, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 140, itemWidth: 12,
            text: [high, low].map(figure.value.log ? function (end) {
                return tick(Math.exp(end));
            } : tick),
            textStyle: {color: theme.muted, fontSize: 12}, inRange: {color: stops}, dimension: 3
        };
        option.series = [{
            type: 'heatmap', itemStyle: {borderColor: theme.ground, borderWidth: 2},
            data: figure.cells.map(function (cell, index) {
                return {
                    value: [cell[0], cell[1], cell[2], values[index], cell[3], cell[4]],
                    label: {show: true, fontSize: 12, lineHeight: 15, formatter: tick(cell[2]) + (roomy ? bounds(cell, '\n') : ''),
                        color: readable(mixed(stops, (values[index] - low) / (high - low)))}
                };
            })
        }];
        option.tooltip.trigger = 'item';
        option.tooltip.formatter = function (hit) {
            return escape(figure.x) + ' <b>' + escape(figure.columns[hit.value[0]]) + '</b>, ' + escape(figure.y) + ' <b>'
                + escape(figure.rows[hit.value[1]]) + '</b><br>' + escape(axisName(figure.value)) + ' <b>' + exact(hit.value[2]) + '</b>'
                + bounds(figure.cells[hit.dataIndex], '<br>95 %: ');
        };
        return option;
    }

    /** @param still a picture for paper, without anything to move */
    function option(figure, theme, width, still) {
        switch (figure.kind) {
            case 'curves': return curves(figure, theme, width, still);
            case 'spans': return spans(figure, theme, width, still);
            case 'shares': return shares(figure, theme, width, still);
            case 'map': return map(figure, theme, width);
            default: throw new Error('figure ' + figure.id + ': kind ' + figure.kind + ' is not known');
        }
    }

    function height(figure, width, still) {
        switch (figure.kind) {
            case 'spans': return 150 + 34 * figure.rows.length;
            case 'shares': return 110 + 34 * figure.rows.length;
            case 'map': return 150 + (bounded(figure) ? 42 : 34) * figure.rows.length;
            default: return Math.round(Math.max(280, Math.min(380, 0.56 * width)) + 30 * legendRows(seriesNames(figure), width, still));
        }
    }

    function line(values) {
        return values.map(function (value) {
            const text = String(value);
            return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
        }).join(',');
    }

    function ranges(series) {
        return series.mark === 'band' || series.mark === 'whiskers';
    }

    function table(figure) {
        switch (figure.kind) {
            case 'curves': {
                const bands = figure.series.some(ranges);
                const rows = [['series', axisName(figure.x), axisName(figure.y)].concat(bands ? ['low', 'high'] : [])];
                figure.series.forEach(function (series) {
                    series.points.forEach(function (point) {
                        rows.push(ranges(series) ? [series.name, point[0], '', point[1], point[2]]
                            : [series.name].concat(point).concat(bands ? ['', ''] : []));
                    });
                });
                return rows;
            }
            case 'spans':
                return [['row', 'part', 'from (' + figure.x.unit + ')', 'to (' + figure.x.unit + ')']].concat(figure.spans.map(
                    function (span) {
                        return [figure.rows[span[0]], figure.parts[span[1]], span[2], span[3]];
                    }));
            case 'shares':
                return [['row'].concat(figure.parts)].concat(figure.rows.map(function (row, index) {
                    return [row].concat(figure.values[index]);
                }));
            case 'map': {
                const ends = bounded(figure);
                return [[figure.x, figure.y, axisName(figure.value)].concat(ends ? ['low', 'high'] : [])].concat(figure.cells.map(
                    function (cell) {
                        return [figure.columns[cell[0]], figure.rows[cell[1]]].concat(cell.slice(2))
                            .concat(ends && cell.length < 5 ? ['', ''] : []);
                    }));
            }
            default: throw new Error('figure ' + figure.id + ': kind ' + figure.kind + ' is not known');
        }
    }

    function csv(figure) {
        return table(figure).map(line).join('\r\n') + '\r\n';
    }

    /** A picture of its own, as SVG text, without a page. */
    function svg(figure, theme, width) {
        const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: width, height: height(figure, width, true)});
        chart.setOption(option(figure, theme, width, true));
        const text = chart.renderToSVGString();
        chart.dispose();
        return text.replace(/<style[^]*?<\/style>/g, '').replace(/ (class|pointer-events|ecmeta_[a-z_]+)="[^"]*"/g, '')
            .replace(/(["#])zr\d+-/g, '$1').split(FAMILY).join(PAPER_FAMILY);
    }

    /** Hands a text out as a file, where there is a page. */
    function save(name, type, text) {
        const address = URL.createObjectURL(new Blob([text], {type: type}));
        const link = document.createElement('a');
        link.href = address;
        link.download = name;
        document.body.appendChild(link);
        link.click();
        document.body.removeChild(link);
        setTimeout(function () {
            URL.revokeObjectURL(address);
        }, 60000);
    }

    return {themes: themes, option: option, height: height, csv: csv, svg: svg, save: save};
})();
