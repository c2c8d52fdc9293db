import { find } from '/studio/page.js';

/** The ways a picture gets in: chosen, dropped anywhere on the page, or pasted. `onFiles` gets the files. */
export function takePictures({ isWelcome, onFiles }) {
  const input = find('picture');
  input.addEventListener('change', () => {
    onFiles(input.files);
    // The same file may be chosen again.
    input.value = '';
  });

  document.addEventListener('paste', (event) => {
    const { files } = event.clipboardData;
    // Text that also comes as a picture, as from a word processor, is pasted as text.
    if (files.length === 0 || event.clipboardData.getData('text/plain') !== '') return;
    if (!isWelcome()) return;
    event.preventDefault();
    onFiles(files);
  });

  const carriesFiles = ({ dataTransfer }) => dataTransfer.types.includes('Files');
  const mark = (isOver) => find('compose').classList.toggle('dropping', isOver);
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    // Otherwise the browser would leave the page for the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = isWelcome() ? 'copy' : 'none';
    mark(isWelcome());
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(false);
    if (isWelcome()) onFiles(event.dataTransfer.files);
  });
}
