// Brings a report to life: draws its figures, chooses among them, hands out their numbers, turns light into dark.
(function () {
    'use strict';
    const root = document.documentElement;
    const dark = window.matchMedia ? window.matchMedia('(prefers-color-scheme: dark)') : {matches: false};
    const figures = {};
    const charts = {};
    JSON.parse(document.getElementById('figures').textContent).forEach(function (figure) {
        figures[figure.id] = figure;
    });

    function theme() {
        const name = root.getAttribute('data-theme') || (dark.matches ? 'dark' : 'light');
        return tributaryFigures.themes[name];
    }

    function draw(place) {
        const width = place.clientWidth;
        if (width === 0) {
            return; // hidden: drawn when it is shown
        }
        const figure = figures[place.getAttribute('data-figure')];
        const height = tributaryFigures.height(figure, width);
        place.style.height = height + 'px';
        const chart = charts[figure.id] || echarts.init(place, null, {renderer: 'svg', width: width, height: height});
        charts[figure.id] = chart;
        chart.resize({width: width, height: height});
        chart.setOption(tributaryFigures.option(figure, theme(), width, false), true);
    }

    const places = Array.prototype.slice.call(document.querySelectorAll('.chart'));

    function drawAll() {
        places.forEach(draw);
    }

    function choose(group, chosen) {
        group.querySelectorAll('[role=tab]').forEach(function (tab) {
            const selected = tab === chosen;
            tab.setAttribute('aria-selected', String(selected));
            tab.tabIndex = selected ? 0 : -1;
            const panel = document.getElementById(tab.getAttribute('aria-controls'));
            panel.hidden = !selected;
            if (selected) {
                draw(panel.querySelector('.chart'));
            }
        });
    }

    document.querySelectorAll('.choice').forEach(function (row) {
        const group = row.parentNode;
        const tabs = Array.prototype.slice.call(row.querySelectorAll('[role=tab]'));
        tabs.forEach(function (tab, index) {
            tab.addEventListener('click', function () {
                choose(group, tab);
            });
            tab.addEventListener('keydown', function (event) {
                const step = {ArrowRight: 1, ArrowLeft: tabs.length - 1}[event.key];
                if (step) {
                    const next = tabs[(index + step) % tabs.length];
                    choose(group, next);
                    next.focus();
                }
            });
        });
        row.hidden = false;
        choose(group, tabs[0]);
    });

    document.querySelectorAll('button[data-csv]').forEach(function (button) {
        button.addEventListener('click', function () {
            const figure = figures[button.getAttribute('data-csv')];
            tributaryFigures.save(figure.id + '.csv', 'text/csv', tributaryFigures.csv(figure));
        });
    });
    document.querySelectorAll('button[data-svg]').forEach(function (button) {
        button.addEventListener('click', function () {
            const figure = figures[button.getAttribute('data-svg')];
            tributaryFigures.save(figure.id + '.svg', 'image/svg+xml', tributaryFigures.svg(figure, tributaryFigures.themes.light, 640));
        });
    });

    const toggle = document.getElementById('theme');
    function label() {
        toggle.textContent = theme() === tributaryFigures.themes.dark ? 'Light' : 'Dark';
    }
    toggle.hidden = false;
    toggle.addEventListener('click', function () {
        root.setAttribute('data-theme', theme() === tributaryFigures.themes.dark ? 'light' : 'dark');
        label();
        drawAll();
    });
    if (dark.addEventListener) {
        dark.addEventListener('change', function () {
            label();
            drawAll();
        });
    }
    let waiting = 0;
    let drawnAt = root.clientWidth;
    window.addEventListener('resize', function () {
        if (root.clientWidth !== drawnAt) {
            drawnAt = root.clientWidth;
            clearTimeout(waiting);
            waiting = setTimeout(drawAll, 100);
        }
    });
    label();
    drawAll();
})();
