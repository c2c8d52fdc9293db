/** Hue in degrees, saturation and lightness in percent. */
export type Colour = readonly [hue: number, saturation: number, lightness: number];

/** Each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** `share` of the way from one colour to another, around the nearer side of the colour wheel. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const along = (a: number, b: number): number => a + (b - a) * share;
  const turn = ((to[0] - from[0] + 540) % 360) - 180;
  return [(from[0] + turn * share + 360) % 360, along(from[1], to[1]), along(from[2], to[2])];
}

/** The same in RGB, for colours far apart: between them lie greys rather than other hues. */
export function blend(from: Colour, to: Colour, share: number): Colour {
  const [one, other] = [rgbOf(from), rgbOf(to)];
  const along = (channel: 0 | 1 | 2): number =>
    one[channel] + (other[channel] - one[channel]) * share;
  return colourOf([along(0), along(1), along(2)]);
}

export function turned([hue, saturation, lightness]: Colour, degrees: number): Colour {
  return [(((hue + degrees) % 360) + 360) % 360, saturation, lightness];
}

export function css([hue, saturation, lightness]: Colour): string {
  return `hsl(${hue.toFixed(1)}, ${saturation.toFixed(1)}%, ${lightness.toFixed(1)}%)`;
}

export function rgbOf([hue, saturation, lightness]: Colour): Rgb {
  const reach = (saturation / 100) * Math.min(lightness / 100, 1 - lightness / 100);
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    return 255 * (lightness / 100 - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

export function colourOf([red, green, blue]: Rgb): Colour {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const top = Math.max(r, g, b);
  const range = top - Math.min(r, g, b);
  const lightness = top - range / 2;
  if (range === 0) return [0, 0, lightness * 100];
  const sector =
    top === r
      ? (g - b) / range + (g < b ? 6 : 0)
      : top === g
        ? (b - r) / range + 2
        : (r - g) / range + 4;
  return [sector * 60, (100 * range) / (1 - Math.abs(2 * lightness - 1)), lightness * 100];
}
