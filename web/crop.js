import { askUntilKnown } from '/studio/api.js';
import { fitted, makeCropArea } from '/studio/crop-area.js';
import { openDialog } from '/studio/dialog.js';
import { CROP } from '/studio/documents.js';
import { onThisOrigin } from '/studio/media.js';
import { notice } from '/studio/notice.js';
import { make, newRequestId } from '/studio/page.js';

const FIELDS = { x: 'Left', y: 'Top', width: 'Width', height: 'Height' };

/**
 * A dialog that keeps a part of a picture: drawn with the pointer, or typed in pixels. `onPressed(answer)` takes what the
 * gateway answers, and gives the generation, or null.
 */
export function openCrop(file, name, { composer, onPressed, onRefusal }) {
  const size = { width: file.width, height: file.height };
  const dialog = openDialog('Crop', { kind: 'wide' });
  const image = make('img', { src: onThisOrigin(file.url), alt: name, draggable: false });
  const fields = Object.keys(FIELDS).map((key) => numberField(key, size));
  const crop = make('button', { type: 'submit', class: 'primary' }, 'Crop, free');
  const form = make('form', { class: 'crop-form', noValidate: true }, fields, crop);

  const write = (rect) => {
    for (const key of Object.keys(FIELDS)) form.elements[key].value = String(rect[key]);
  };
  const read = () =>
    fitted(
      Object.fromEntries(Object.keys(FIELDS).map((key) => [key, Number(form.elements[key].value)])),
      size,
    );
  const area = makeCropArea(image, size, write);
  form.addEventListener('input', () => area.show(read()));
  form.addEventListener('change', () => write(read()));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void press();
  });

  const press = async () => {
    crop.disabled = true;
    try {
      const input = { requestId: newRequestId(), input: file.id, ...area.rect() };
      const { pressed } = await askUntilKnown(CROP, { input }, () => {});
      const generation = onPressed(pressed);
      if (generation === null) return;
      dialog.close();
      say(generation, composer);
    } catch (refusal) {
      onRefusal(refusal);
    } finally {
      crop.disabled = false;
    }
  };

  const middle = fitted(
    {
      x: size.width * 0.1,
      y: size.height * 0.1,
      width: size.width * 0.8,
      height: size.height * 0.8,
    },
    size,
  );
  area.show(middle);
  write(middle);
  const hint = 'Draw a rectangle on the picture, or type it in pixels.';
  dialog.body.append(area.element, make('p', { class: 'hint' }, hint), form);
}

function numberField(key, { width, height }) {
  const most = key === 'x' || key === 'width' ? width : height;
  const id = `crop-${key}`;
  const properties = { id, name: key, type: 'number', min: 0, max: most, step: 1, required: true };
  return make(
    'div',
    { class: 'field' },
    make('label', { for: id }, FIELDS[key]),
    make('input', properties),
  );
}

function say(generation, composer) {
  const [output] = generation.outputs;
  if (generation.failure !== null) return notice(generation.failure.message, { tone: 'bad' });
  if (output === undefined) return notice('It is being cropped, and will be in your history.');
  const use = () => composer.use(output, generation.action);
  const actions = [{ words: 'Use it', run: use }];
  notice('Cropped, free. It is in your history.', { tone: 'good', actions });
}
