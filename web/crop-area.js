import { make } from '/studio/page.js';

const CORNERS = ['nw', 'ne', 'sw', 'se'];

/**
 * A picture with a rectangle on it that is drawn, moved and pulled at its corners. `size`: the picture's, in its own pixels;
 * so is the rectangle. `onChange` gets it while it is dragged.
 */
export function makeCropArea(image, size, onChange) {
  const handles = CORNERS.map((corner) => make('span', { class: `handle ${corner}` }));
  const box = make('div', { class: 'crop-box' }, handles);
  const element = make('div', { class: 'crop-area' }, image, box);
  let rect = { x: 0, y: 0, ...size };
  let drag = null;

  const show = (wanted) => {
    rect = wanted;
    const share = (part, whole) => `${(100 * part) / whole}%`;
    box.style.left = share(rect.x, size.width);
    box.style.top = share(rect.y, size.height);
    box.style.width = share(rect.width, size.width);
    box.style.height = share(rect.height, size.height);
  };

  const pointOf = ({ clientX, clientY }) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return {
      x: within(Math.round(((clientX - left) / width) * size.width), 0, size.width),
      y: within(Math.round(((clientY - top) / height) * size.height), 0, size.height),
    };
  };

  element.addEventListener('pointerdown', (event) => {
    const from = pointOf(event);
    const corner = CORNERS[handles.indexOf(event.target)];
    if (corner !== undefined) drag = between(oppositeOf(corner, rect));
    else drag = event.target === box ? moving(rect, from) : between(from);
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  element.addEventListener('pointermove', (event) => {
    if (drag === null) return;
    show(drag(pointOf(event), size));
    onChange(rect);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    element.addEventListener(end, () => (drag = null));
  }
  return { element, show, rect: () => rect };
}

/** The rectangle nearest to what was typed that lies within a picture of this size. */
export function fitted({ x, y, width, height }, size) {
  const left = within(Math.round(x) || 0, 0, size.width - 1);
  const top = within(Math.round(y) || 0, 0, size.height - 1);
  return {
    x: left,
    y: top,
    width: within(Math.round(width) || 1, 1, size.width - left),
    height: within(Math.round(height) || 1, 1, size.height - top),
  };
}

const within = (value, least, most) => Math.min(Math.max(value, least), most);

const oppositeOf = (corner, { x, y, width, height }) => ({
  x: corner.includes('w') ? x + width : x,
  y: corner.includes('n') ? y + height : y,
});

/** Spans what lies between where the drag began and where it is. */
const between = (from) => (to, size) =>
  fitted(
    {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    },
    size,
  );

const moving = (rect, from) => (to, size) => ({
  ...rect,
  x: within(rect.x + to.x - from.x, 0, size.width - rect.width),
  y: within(rect.y + to.y - from.y, 0, size.height - rect.height),
});
