// Axes and lines of the runs' curves, on a canvas.

const LEFT = 56, RIGHT = 14, TOP = 12, BOTTOM = 30;

// Exponential, freed of the beginning's weight; what is missing stays missing.
export const smoothed = (ys, weight) => {
  if (!weight) return ys;
  let sum = 0, mass = 0;
  return ys.map((y) => {
    if (y === null) return null;
    sum = weight * sum + (1 - weight) * y;
    mass = weight * mass + (1 - weight);
    return sum / mass;
  });
};

export const short = (value) => {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(+value.toPrecision(size < 10 ? 5 : 6));
};

const niceStep = (span, n) => {
  const raw = span / n, power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((part) => part * power).find((step) => step >= raw);
};

const ticksOf = (low, high, n) => {
  const step = niceStep(high - low, n), ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) ticks.push(at);
  return ticks.slice(0, 40);
};

export function frameOf(canvas, lines, isLog) {
  const width = canvas.clientWidth, height = canvas.clientHeight;
  let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
  const isFit = (y) => y !== null && (!isLog || y > 0);
  for (const line of lines) {
    line.xs.forEach((x, i) => {
      if (!isFit(line.ys[i])) return;
      [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
      [y0, y1] = [Math.min(y0, line.ys[i]), Math.max(y1, line.ys[i])];
    });
  }
  if (x0 === Infinity || width < LEFT + RIGHT) return null;
  if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
  const to = isLog ? Math.log10 : (y) => y, from = isLog ? (y) => 10 ** y : (y) => y;
  let [low, high] = [to(y0), to(y1)];
  const air = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  [low, high] = [low - air, high + air];
  const right = width - RIGHT, bottom = height - BOTTOM;
  return {
    x0, x1, low: from(low), high: from(high), right, bottom, isFit,
    x: (x) => LEFT + ((x - x0) / (x1 - x0)) * (right - LEFT),
    y: (y) => bottom - ((to(y) - low) / (high - low)) * (bottom - TOP),
    xAt: (px) => x0 + ((px - LEFT) / (right - LEFT)) * (x1 - x0),
  };
}

function drawAxes(context, frame, style, over) {
  const quiet = style.getPropertyValue("--ch-quiet");
  context.font = `12px ${style.fontFamily}`;
  context.strokeStyle = style.getPropertyValue("--ch-line");
  context.fillStyle = quiet;
  context.lineWidth = 1;
  const lineTo = (x0, y0, x1, y1) => {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  };
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticksOf(frame.low, frame.high, 6)) {
    const y = Math.round(frame.y(tick)) + 0.5;
    if (!Number.isFinite(y) || y < TOP - 1) continue;
    lineTo(LEFT, y, frame.right, y);
    context.fillText(short(+tick.toPrecision(6)), LEFT - 8, y);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticksOf(frame.x0, frame.x1, Math.max(4, (frame.right - LEFT) / 110))) {
    const x = Math.round(frame.x(tick)) + 0.5;
    lineTo(x, frame.bottom, x, frame.bottom + 4);
    context.textAlign = x > frame.right - 24 ? "right" : "center";
    context.fillText(short(+tick.toPrecision(6)) + (over === "t" ? " h" : ""), x, frame.bottom + 8);
  }
}

function drawLine(context, frame, xs, ys, withDots) {
  context.beginPath();
  let isDown = false;
  xs.forEach((x, i) => {
    if (!frame.isFit(ys[i])) { isDown = false; return; }
    if (isDown) context.lineTo(frame.x(x), frame.y(ys[i]));
    else context.moveTo(frame.x(x), frame.y(ys[i]));
    isDown = true;
  });
  context.stroke();
  if (!withDots) return;
  xs.forEach((x, i) => {
    if (!frame.isFit(ys[i])) return;
    context.beginPath();
    context.arc(frame.x(x), frame.y(ys[i]), 2.6, 0, 2 * Math.PI);
    context.fill();
  });
}

export function drawChart(canvas, lines, isLog, at, over) {
  const ratio = window.devicePixelRatio || 1, style = getComputedStyle(canvas);
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const frame = frameOf(canvas, lines, isLog);
  if (!frame) {
    context.fillStyle = style.getPropertyValue("--ch-quiet");
    context.font = `14px ${style.fontFamily}`;
    context.textAlign = "center";
    context.fillText("No line of the curve yet", canvas.clientWidth / 2, canvas.clientHeight / 2);
    return;
  }
  drawAxes(context, frame, style, over);
  context.lineJoin = "round";
  for (const line of lines) {
    context.strokeStyle = context.fillStyle = line.colour;
    if (line.raw) {
      context.globalAlpha = 0.22;
      context.lineWidth = 1;
      drawLine(context, frame, line.xs, line.raw, false);
    }
    context.globalAlpha = line.isFaint ? 0.55 : 1;
    context.lineWidth = line.isFaint ? 1.5 : 2.25;
    drawLine(context, frame, line.xs, line.ys, !line.isFaint && line.xs.length < 120);
    context.globalAlpha = 1;
  }
  if (at !== null) {
    const x = Math.round(frame.x(at)) + 0.5;
    context.strokeStyle = style.getPropertyValue("--ch-quiet");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, frame.bottom);
    context.stroke();
  }
}
