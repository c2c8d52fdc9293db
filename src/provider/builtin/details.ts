import type { Tag } from './tags.js';

/** Some words that may be added to a prompt. */
export interface Detail {
  words: string;
  /** Fits only where the prompt says all of this. */
  when?: readonly Tag[];
  /** Does not fit where the prompt says any of this. */
  unless?: readonly Tag[];
}

/** One side of what is wanted: at most one of its details is added. */
export interface Facet {
  /** Where the prompt has said enough about it, or it makes no sense. */
  unless: readonly Tag[];
  details: readonly Detail[];
}

/*
 * No detail says when it is, what the weather is like or which colour something has, unless the prompt does: what is not known
 * is left open rather than guessed, so that nothing added can contradict what was meant.
 */

const SUBJECT: Facet = {
  unless: ['sound', 'flat', 'plain'],
  details: [
    { words: 'fine detail in hair and fabric', when: ['person'], unless: ['wide', 'space'] },
    { words: 'a natural, unposed stance', when: ['person'], unless: ['close'] },
    { words: 'lifelike texture down to the smallest detail', when: ['animal'] },
    { words: 'a natural pose, true to the character of the animal', when: ['animal'] },
    { words: 'weathered surfaces that tell of long use', when: ['building'], unless: ['modern'] },
    { words: 'crisp edges and carefully joined materials', when: ['building', 'modern'] },
    { words: 'a clear structure with small signs of life', when: ['building'] },
    {
      words: 'layer behind layer into the distance',
      when: ['landscape'],
      unless: ['close', 'indoors'],
    },
    { words: 'rich natural texture close to the viewer', when: ['landscape'] },
    {
      words: 'fine ripples and reflections on the water',
      when: ['water'],
      unless: ['underwater', 'snow'],
    },
    { words: 'particles drifting in the water', when: ['underwater'] },
    { words: 'fresh, appetising texture', when: ['food'] },
    { words: 'clean lines and small mechanical details', when: ['vehicle'] },
    { words: 'believable materials and carefully chosen small details' },
    { words: 'a clear subject with telling small details' },
  ],
};

const LIGHT: Facet = {
  unless: ['sound', 'flat', 'lit'],
  details: [
    {
      words: 'pools of cool light and deep, quiet shadow',
      when: ['night'],
      unless: ['dawn', 'day', 'dusk', 'indoors'],
    },
    { words: 'warm lamplight against the dark', when: ['night', 'indoors'] },
    {
      words: 'low, gentle light with long soft shadows',
      when: ['dawn'],
      unless: ['night', 'day', 'dusk', 'rain', 'fog'],
    },
    {
      words: 'clear light with crisp shadows',
      when: ['day'],
      unless: ['night', 'dawn', 'dusk', 'rain', 'fog', 'snow'],
    },
    {
      words: 'low warm light fading into cool shadow',
      when: ['dusk'],
      unless: ['night', 'dawn', 'day', 'rain', 'fog'],
    },
    { words: 'light softened and spread by the mist', when: ['fog'] },
    {
      words: 'wet surfaces catching every bit of light',
      when: ['rain'],
      unless: ['snow', 'underwater'],
    },
    { words: 'light gently reflected from the snow', when: ['snow'], unless: ['indoors', 'night'] },
    {
      words: 'hard light from one side, black shadow on the other',
      when: ['space'],
      unless: ['indoors'],
    },
    {
      words: 'shafts of light falling through the water',
      when: ['underwater'],
      unless: ['night', 'dark'],
    },
    { words: 'subdued light with deep shadows', when: ['dark'], unless: ['day'] },
    { words: 'soft light from one side, shaping every form', unless: ['dark', 'night'] },
    { words: 'even, gentle light with subtle highlights', unless: ['dark', 'night', 'rain'] },
  ],
};

const COMPOSITION: Facet = {
  unless: ['sound', 'composed'],
  details: [
    {
      words: 'shallow depth of field, the background gently out of focus',
      when: ['close'],
      unless: ['flat', 'wide', 'drawing', 'painting', 'watercolour'],
    },
    { words: 'the subject filling most of the picture', when: ['close'], unless: ['wide'] },
    {
      words: 'a clear foreground, middle ground and distance',
      when: ['wide'],
      unless: ['flat', 'close'],
    },
    { words: 'a sense of scale and plenty of open space', when: ['wide'], unless: ['close'] },
    { words: 'one simple shape that reads well at any size', when: ['flat'] },
    { words: 'a balanced composition with one clear focal point', unless: ['flat'] },
    { words: 'room to breathe around the subject', unless: ['close', 'flat'] },
  ],
};

const COLOUR: Facet = {
  unless: ['sound', 'coloured'],
  details: [
    {
      words: 'a full range of greys from deep black to clean white',
      when: ['mono'],
      unless: ['vivid', 'pale'],
    },
    { words: 'strong, well-separated colours', when: ['vivid'], unless: ['mono', 'pale'] },
    { words: 'soft tones in quiet harmony', when: ['pale'], unless: ['mono', 'vivid'] },
    { words: 'few colours, in harmony with each other', unless: ['mono', 'vivid', 'pale'] },
    { words: 'a restrained, coherent palette', unless: ['mono', 'vivid', 'pale'] },
  ],
};

const MAKING: Facet = {
  unless: ['sound'],
  details: [
    {
      words: 'sharp focus and natural grain, as if taken on the spot',
      when: ['photo'],
      unless: ['drawing', 'painting', 'watercolour', 'render', 'flat', 'fog'],
    },
    {
      words: 'visible washes and the grain of the paper',
      when: ['watercolour'],
      unless: ['photo', 'render'],
    },
    {
      words: 'visible brushwork and layered paint',
      when: ['painting'],
      unless: ['photo', 'render', 'watercolour'],
    },
    {
      words: 'confident line work with varied weight',
      when: ['drawing'],
      unless: ['photo', 'render', 'painting'],
    },
    { words: 'clean edges and even areas of colour', when: ['flat'], unless: ['photo', 'mono'] },
    {
      words: 'convincing materials and smooth, precise surfaces',
      when: ['render'],
      unless: ['photo', 'painting'],
    },
    { words: 'a calm, uncluttered finish', when: ['plain'] },
    { words: 'a finely worked, coherent finish', unless: ['plain', 'flat', 'photo'] },
  ],
};

const MOTION: Facet = {
  unless: ['sound'],
  details: [
    { words: 'quick but readable movement', when: ['film', 'fast'] },
    {
      words: 'slow, steady movement that never loses the subject',
      when: ['film'],
      unless: ['fast'],
    },
  ],
};

const SOUND: Facet = {
  unless: [],
  details: [
    {
      words: 'a driving pulse and a melody one remembers',
      when: ['sound', 'fast'],
      unless: ['dark'],
    },
    { words: 'a calm pulse and a melody one remembers', when: ['sound'], unless: ['fast'] },
  ],
};

const RECORDING: Facet = {
  unless: [],
  details: [
    { words: 'clear and close, with a little room around it', when: ['sound'] },
    { words: 'a warm, balanced mix without harsh peaks', when: ['sound'] },
  ],
};

/** In the order in which they are added. */
export const FACETS: readonly Facet[] = [
  SUBJECT,
  LIGHT,
  COMPOSITION,
  MOTION,
  COLOUR,
  MAKING,
  SOUND,
  RECORDING,
];
