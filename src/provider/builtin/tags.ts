/** What the words of a prompt say about what is wanted. */
const TAGS = {
  // When.
  night:
    /\b(night|nights|nightfall|midnight|moon|moonlit|moonlight|stars?|starry|nocturnal|aurora)\b/,
  dawn: /\b(dawn|sunrise|morning|daybreak|first light)\b/,
  day: /\b(noon|midday|daylight|daytime|sunny|sunshine|sunlit|sunlight|afternoon|blue sky|day)\b/,
  dusk: /\b(dusk|sunset|evening|twilight|golden hour|blue hour)\b/,
  // Weather.
  rain: /\b(rain|rains|rainy|raining|storm|stormy|drizzle|thunder|thunderstorm|downpour|wet)\b/,
  snow: /\b(snow|snowy|snowing|snowfall|blizzard|winter|wintry|frost|frosty|frozen|ice|icy)\b/,
  fog: /\b(fog|foggy|mist|misty|haze|hazy)\b/,
  // Where.
  indoors:
    /\b(indoors?|interior|room|kitchen|bedroom|bathroom|office|library|studio|workshop|cellar|attic|cafe|café|restaurant|museum)\b/,
  space:
    /\b(outer space|in space|spaceship|space station|planets?|galaxy|galaxies|nebula|astronauts?|orbit)\b/,
  underwater: /\b(underwater|under water|coral|reef|seabed|deep sea|submarine)\b/,
  water: /\b(sea|ocean|lake|river|coast|harbou?r|waves?|beach|shore|waterfall|pond)\b/,
  // What.
  person:
    /\b(person|people|man|men|woman|women|girls?|boys?|child|children|kids?|portrait|face|dancers?|chef|king|queen|knight|wizard|astronauts?|crowd|family|couple)\b/,
  animal:
    /\b(animals?|cats?|kittens?|dogs?|pupp(y|ies)|fox(es)?|wol(f|ves)|bears?|birds?|owls?|horses?|lions?|tigers?|whales?|fish|dragons?|rabbits?|deer|elephants?|butterfl(y|ies)|bees?)\b/,
  building:
    /\b(house|houses|building|buildings|lighthouse|castle|tower|towers|city|cities|town|village|street|streets|bridge|church|cathedral|temple|cabin|cottage|skyscrapers?|skyline|palace|ruins?|shop|harbou?r)\b/,
  landscape:
    /\b(landscape|mountains?|hills?|valley|forest|woods|jungle|desert|dunes?|field|fields|meadow|canyon|island|garden|park|countryside|glacier|volcano)\b/,
  food: /\b(food|cake|bread|fruit|soup|pizza|pasta|sushi|salad|breakfast|dinner|dessert|coffee|tea|burger|cheese|pie)\b/,
  vehicle:
    /\b(cars?|trucks?|bus|buses|trains?|tram|bicycles?|bikes?|motorcycles?|ships?|boats?|sailboats?|planes?|aeroplanes?|airplanes?|rockets?|spaceship)\b/,
  // How it is made.
  photo:
    /\b(photo|photos|photograph|photographic|photography|photorealistic|35 ?mm|dslr|polaroid|snapshot)\b/,
  watercolour: /\b(watercolou?rs?|aquarelle|gouache|ink wash)\b/,
  painting: /\b(painting|painted|oil|acrylic|impressionist|fresco|brush ?strokes?)\b/,
  drawing:
    /\b(drawing|drawn|sketch|pencil|charcoal|ink|line art|comic|manga|anime|cartoon|illustration|engraving|woodcut|linocut|storybook)\b/,
  flat: /\b(vector|logo|icon|icons|flat|sticker|emoji|pictogram|pixel art)\b/,
  render: /\b(3d|render|rendered|rendering|cgi|voxel|low.?poly|isometric|claymation|clay)\b/,
  // What it looks like.
  dark: /\b(dark|darkness|gloomy|moody|sinister|noir|eerie|spooky|horror|shadowy|black background)\b/,
  plain: /\b(minimal|minimalist|minimalistic|simple|plain|clean|abstract|sparse)\b/,
  modern: /\b(modern|futuristic|sleek|new|shiny|brand-new|contemporary|cyberpunk|sci-?fi|glass)\b/,
  close: /\b(close-?up|macro|portrait|headshot|detail of|selfie)\b/,
  wide: /\b(wide|panorama|panoramic|aerial|bird'?s.eye|drone|establishing|vast|sweeping|from above|top-?down)\b/,
  mono: /\b(black.and.white|monochrome|greyscale|grayscale|sepia|noir)\b/,
  vivid: /\b(colou?rful|vivid|vibrant|neon|rainbow|saturated|psychedelic|bold)\b/,
  pale: /\b(pastel|pastels|muted|faded|soft colou?rs|desaturated|pale)\b/,
  coloured:
    /\b(red|orange|yellow|green|blue|purple|violet|pink|gold|golden|silver|teal|turquoise|crimson|colou?rs?|palette|tones?)\b/,
  lit: /\b(light|lights|lit|lighting|backlit|sunlit|glow|glows|glowing|shadows?|candles?|candlelit|lamps?|lanterns?|neon|spotlights?|silhouettes?|bright|rays?|fire|flames?)\b/,
  composed:
    /\b(composition|composed|centred|centered|symmetrical|symmetry|framing|framed|foreground|background|rule of thirds|viewpoint|angle|perspective|bokeh|depth of field)\b/,
  // What else it is than a picture.
  sound:
    /\b(song|songs|melody|music|musical|jingle|tune|beat|lullaby|march|symphony|soundtrack|podcast|narration|voice|voice-?over|sound effects?)\b/,
  film: /\b(video|film|footage|clip|animation|animated|timelapse|time-lapse|slow motion|camera)\b/,
  fast: /\b(fast|quick|upbeat|energetic|lively|driving|dance|dancing|frantic|racing|explosive)\b/,
} as const satisfies Record<string, RegExp>;

export type Tag = keyof typeof TAGS;

const ALL = Object.entries(TAGS) as [Tag, RegExp][];

export function tagsOf(prompt: string): ReadonlySet<Tag> {
  const words = prompt.toLowerCase();
  return new Set(ALL.filter(([, mark]) => mark.test(words)).map(([tag]) => tag));
}

const NEGATED =
  /\b(?:no|not|without|never|avoid|avoiding|excluding|except|nor|don'?t|isn'?t)\b([^.,;:!?\n]*)/g;
// Little words say nothing by themselves.
const LEAST_LENGTH = 3;
const MAX_WORDS = 40;

/** The words that a prompt says it does not want. Rather too many: what is left out does no harm. */
export function unwantedIn(prompt: string): string[] {
  const parts = [...prompt.toLowerCase().matchAll(NEGATED)].map(([, words = '']) => words);
  return parts
    .join(' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= LEAST_LENGTH)
    .slice(0, MAX_WORDS);
}
