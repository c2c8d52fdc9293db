/** The part of the library that the tests use; it comes without types. */
declare module 'node-webpmux' {
  interface Frame {
    x: number;
    y: number;
    width: number;
    height: number;
    delay: number;
  }

  interface Image {
    readonly width: number;
    readonly height: number;
    readonly frames: Frame[] | undefined;
    readonly iccp: Buffer | undefined;
    readonly exif: Buffer | undefined;
    readonly xmp: Buffer | undefined;
    load(bytes: Buffer): Promise<void>;
    /** RGBA. */
    getImageData(): Promise<Uint8Array>;
    getFrameData(index: number): Promise<Uint8Array>;
  }

  const library: { Image: { new (): Image; initLib(): Promise<void> } };
  export default library;
}
