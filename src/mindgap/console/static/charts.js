// Draws every [data-chart] from the JSON block that it names. The same values stand beside it as a table.
"use strict";
(() => {
  const PLAIN = { symbol: "none" };
  const SYMBOLS = ["circle", "diamond", "triangle", "rect"];
  const charts = new Map();

  const themeOf = (element) => {
    const style = getComputedStyle(element);
    const color = (name) => style.getPropertyValue(name).trim();
    return {
      ink: color("--ink"), quiet: color("--quiet"), line: color("--line"), surface: color("--surface"),
      shade: color("--shade"), decal: color("--decal"), font: style.fontFamily,
      series: [color("--series-1"), color("--series-2"), color("--series-3"), color("--series-4")],
    };
  };

  const formatter = (chart, short) => {
    const digits = chart.digits;
    const compact = short ? { notation: "compact", maximumFractionDigits: 1 } : null;
    const largest = Math.max(...chart.series.flatMap((series) => [...series.values, ...series.highs]).map((value) => Math.abs(value ?? 0)));
    const bits = short ? (largest < 0.1 ? 4 : 2) : digits;
    const options = {
      percent: { style: "percent", maximumFractionDigits: short ? 0 : digits },
      money: { style: "currency", currency: chart.currency, maximumFractionDigits: 0, ...compact },
      count: { maximumFractionDigits: digits, ...compact },
      bits: { minimumFractionDigits: short ? 0 : digits, maximumFractionDigits: bits },
      number: { maximumFractionDigits: digits },
    }[chart.unit];
    const format = new Intl.NumberFormat(chart.locale, { signDisplay: "negative", ...options });
    return (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : format.format(value));
  };

  const tooltip = (chart, theme) => {
    const format = formatter(chart, false);
    const lines = (index) => chart.series.map((series) => {
      const range = series.lows.length ? ` (${format(series.lows[index])} – ${format(series.highs[index])})` : "";
      return `${series.name}  ${format(series.values[index])}${range}`;
    });
    return {
      trigger: "axis", renderMode: "richText", confine: true, transitionDuration: 0,
      axisPointer: { type: chart.kind === "lines" || chart.kind === "between" ? "line" : "shadow", shadowStyle: { color: theme.shade } },
      backgroundColor: theme.surface, borderColor: theme.line, padding: [8, 12],
      textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 13, lineHeight: 20 },
      formatter: (points) => [chart.labels[points[0].dataIndex], ...lines(points[0].dataIndex)].join("\n"),
    };
  };

  // Room above and below the lines; the unseen series of the shaded area would else pull the axis to zero.
  const extent = (chart) => {
    const all = chart.series.flatMap((series) => series.values);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const step = [0.05, 0.1, 0.2, 0.5, 1, 2].find((one) => (high - low) / one <= 5) ?? 5;
    return { min: Math.floor(low / step - 0.25) * step, max: Math.ceil(high / step + 0.25) * step, interval: step };
  };

  const moments = (chart, theme, text) => {
    const format = new Intl.DateTimeFormat(chart.locale, { month: "short", day: "numeric" });
    return {
      type: "time", boundaryGap: ["3%", "3%"], splitLine: { show: false }, axisTick: { show: false }, axisLine: { lineStyle: { color: theme.line } },
      axisLabel: { ...text, color: theme.ink, hideOverlap: true, formatter: (value) => format.format(value) },
    };
  };

  const axes = (chart, theme, width) => {
    const lying = chart.kind === "bars";
    const format = formatter(chart, true);
    const largest = Math.max(...chart.series.flatMap((series) => series.values).map((value) => value ?? 0));
    const text = { color: theme.quiet, fontFamily: theme.font, fontSize: 12 };
    // the first and the last label stand at the very ends of the axis
    const ends = chart.kind === "lines" || chart.kind === "between" ? { alignMinLabel: "left", alignMaxLabel: "right", showMinLabel: true, showMaxLabel: true } : {};
    const names = {
      type: "category", data: chart.labels, inverse: lying,
      boundaryGap: lying || chart.kind === "columns",
      axisTick: { show: false }, axisLine: { lineStyle: { color: theme.line } },
      axisLabel: { ...text, ...ends, color: theme.ink, hideOverlap: lying, ...(lying ? { width: Math.min(190, width * 0.36), overflow: "truncate" } : {}) },
    };
    const values = {
      type: "value", scale: chart.kind === "between" || (chart.kind === "lines" && chart.unit !== "money"), splitNumber: lying ? 4 : 4,
      axisLabel: { ...text, formatter: format, hideOverlap: true }, splitLine: { lineStyle: { color: theme.line } },
      // marks closer than their labels tell apart would read 0, 0, 1, 1
      ...(chart.unit === "number" ? { minInterval: 10 ** -chart.digits } : {}),
      ...(chart.unit === "percent" && largest === 1 ? { max: 1 } : {}),
    };
    if (chart.kind === "between") Object.assign(values, extent(chart));
    if (chart.kind === "moments") return { xAxis: moments(chart, theme, text), yAxis: values };
    return lying ? { yAxis: names, xAxis: values } : { xAxis: names, yAxis: values };
  };

  const bars = (chart, theme, series, i) => ({
    type: "bar", name: series.name, barGap: "25%",
    data: chart.kind === "moments" ? series.values.map((value, n) => [chart.moments[n], value]) : series.values,
    ...(chart.kind === "moments" ? { barWidth: 7 } : { barMaxWidth: chart.kind === "bars" ? 16 : 34 }),
    itemStyle: { color: theme.series[i], borderRadius: chart.kind === "bars" ? [0, 4, 4, 0] : [4, 4, 0, 0] },
    emphasis: { disabled: true },
  });

  const line = (theme, series, i) => ({
    type: "line", name: series.name, data: series.values, symbol: SYMBOLS[i], symbolSize: 7, showSymbol: series.values.length < 30,
    lineStyle: { width: 2.5, color: theme.series[i], type: i === 0 ? "solid" : [7, 4] }, itemStyle: { color: theme.series[i] },
    emphasis: { disabled: true },
  });

  // The whiskers of a 95 % interval.
  const whiskers = (chart, theme, series) => {
    const lying = chart.kind === "bars";
    const data = series.lows.map((low, i) => [i, low, series.highs[i]]).filter((row) => row[1] !== null && row[2] !== null);
    const encode = lying ? { y: 0, x: [1, 2] } : { x: 0, y: [1, 2] };
    return {
      type: "custom", name: series.name, data, encode, z: 5, silent: true, tooltip: { show: false },
      renderItem: (_params, api) => {
        const at = (value) => api.coord(lying ? [value, api.value(0)] : [api.value(0), value]);
        const [from, to] = [at(api.value(1)), at(api.value(2))];
        const across = lying ? [0, 5] : [5, 0];
        const bar = (a, b) => ({ type: "line", shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, style: { stroke: theme.ink, lineWidth: 1.5 } });
        const cap = (point) => bar([point[0] - across[0], point[1] - across[1]], [point[0] + across[0], point[1] + across[1]]);
        return { type: "group", children: [bar(from, to), cap(from), cap(to)] };
      },
    };
  };

  // The area between the first two series: an unseen line and, stacked on it, the shaded difference.
  const between = (chart, theme) => {
    const [upper, lower] = chart.series;
    const unseen = { type: "line", stack: "between", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, emphasis: { disabled: true } };
    return [
      { ...unseen, data: lower.values, areaStyle: { opacity: 0 } },
      { ...unseen, data: upper.values.map((value, i) => value - lower.values[i]), areaStyle: { color: theme.series[0], opacity: 0.16 } },
    ];
  };

  const seriesOf = (chart, theme) => {
    const lines = chart.kind === "lines" || chart.kind === "between";
    const drawn = chart.series.map((series, i) => (lines ? line(theme, series, i) : bars(chart, theme, series, i)));
    const ranges = chart.series.filter((series) => series.lows.length).map((series) => whiskers(chart, theme, series));
    if (chart.kind === "lines" && drawn.length === 1) drawn[0].areaStyle = { color: theme.series[0], opacity: 0.08 };
    return [...(chart.kind === "between" ? between(chart, theme) : []), ...drawn, ...ranges];
  };

  const optionOf = (chart, element) => {
    const theme = themeOf(element);
    const many = chart.series.length > 1;
    const stripes = (rotation) => ({ symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation, color: theme.decal });
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 300,
      aria: { enabled: true, label: { description: chart.summary }, decal: { show: true, decals: [PLAIN, stripes(-Math.PI / 4), stripes(Math.PI / 4), stripes(0)] } },
      grid: { left: 4, right: 18, top: many ? 40 : 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: { show: many, left: 0, top: 0, itemWidth: 22, itemHeight: 10, data: chart.series.map((series) => series.name), textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 } },
      tooltip: tooltip(chart, theme),
      ...axes(chart, theme, element.clientWidth),
      series: seriesOf(chart, theme),
    };
  };

  const heightOf = (chart) => (chart.kind === "bars" ? chart.labels.length * Math.max(chart.series.length > 1 ? 48 : 32, Math.min(52, 200 / chart.labels.length)) + (chart.series.length > 1 ? 76 : 44) : 280);

  const draw = (element) => {
    const chart = JSON.parse(document.getElementById(element.dataset.chart).textContent);
    element.style.height = `${heightOf(chart)}px`;
    const instance = charts.get(element) ?? echarts.init(element, null, { renderer: "canvas" });
    charts.set(element, instance);
    instance.setOption(optionOf(chart, element), true);
    element.dataset.drawn = "true";
  };

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => charts.get(entry.target)?.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
  document.querySelectorAll("[data-chart]").forEach((element) => resized.observe(element));
})();
