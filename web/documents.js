// What the Studio asks of the gateway about quota and generations. Partners may take these as they are.
const QUOTA = `fragment QuotaParts on Quota {
  plan { id name } unlimited limit remaining used held granted periodStart resetsAt revision
}`;

const GENERATION = `fragment GenerationParts on Generation {
  id action { id name kind metered } prompt settings inputs outputCount
  status progress createdAt finishedAt restoreBy
  parent { id prompt }
  children(first: 3) { edges { node { id } } pageInfo { hasNextPage } }
  charge { status units explanation entries { id kind units reason at } }
  outputs {
    id url downloadUrl: url(download: true) thumbnailUrl fileName contentType bytes width height durationMs
  }
  failure { code message retryable }
}`;

export const START = `query Start { quota { ...QuotaParts } actions { id name kind metered cost } plans { id name } } ${QUOTA}`;

// The size of a page stands in the document: what is in a variable counts as a full page of 100.
export const HISTORY = `query History($after: String, $filter: GenerationFilter) {
  generations(first: 12, after: $after, filter: $filter) {
    edges { node { ...GenerationParts } }
    pageInfo { hasNextPage endCursor }
  }
} ${GENERATION}`;

export const ONE = `query One($id: ID!) { generation(id: $id) { ...GenerationParts } } ${GENERATION}`;

export const CHILDREN = `query Children($id: ID!) {
  generation(id: $id) { children(first: 12) { edges { node { ...GenerationParts } } } }
} ${GENERATION}`;

const PRESSED = `
  ... on GenerationAccepted { replayed generation { ...GenerationParts } quota { ...QuotaParts } }
  ... on QuotaExhausted { resetsAt quota { ...QuotaParts } upgrades { id name unlimited limit } }
`;

export const GENERATE = `mutation Generate($input: GenerateInput!) {
  pressed: generate(input: $input) { ${PRESSED} }
} ${GENERATION} ${QUOTA}`;

export const REFINE = `mutation Refine($input: RefineInput!) {
  pressed: refineGeneration(input: $input) { ${PRESSED} }
} ${GENERATION} ${QUOTA}`;

export const CROP = `mutation Crop($input: CropImageInput!) {
  pressed: cropImage(input: $input) { ${PRESSED} }
} ${GENERATION} ${QUOTA}`;

export const UPLOAD = `mutation Upload($input: UploadReferenceInput!) {
  uploadReference(input: $input) {
    ... on UploadAccepted { generation { ...GenerationParts } upload { url method contentType } }
    ... on QuotaExhausted { message }
  }
} ${GENERATION}`;

export const ENHANCE = `mutation Enhance($input: EnhancePromptInput!) {
  enhancePrompt(input: $input) {
    ... on PromptEnhanced { prompt generation { failure { message } } }
    ... on QuotaExhausted { message }
  }
}`;

export const CANCEL = `mutation Cancel($id: ID!) { cancelGeneration(id: $id) { ...GenerationParts } } ${GENERATION}`;

export const DELETE = `mutation Delete($id: ID!) { deleteGeneration(id: $id) }`;

export const PREVIEW = `query Preview($plan: ID!) {
  upgradePreview(plan: $plan) { unlimited limit remaining effectiveAt resetsAt }
}`;

export const CHANGE_PLAN = `mutation ChangePlan($input: ChangePlanInput!) {
  changePlan(input: $input) { ...QuotaParts }
} ${QUOTA}`;

export const USAGE = `query Usage {
  usage(first: 12) {
    periodStart periodEnd plan limit granted used held restored
    days { date actions { action { id name } generations units restored } }
  }
}`;

export const EXPORT = `mutation Export { exportMyData { url } }`;

export const QUOTA_CHANGED = `subscription QuotaChanged { quotaChanged { ...QuotaParts } } ${QUOTA}`;

export const GENERATION_CHANGED = `subscription GenerationChanged {
  generationChanged { ...GenerationParts }
} ${GENERATION}`;
