// What the Studio asks of the gateway. Partners may take these as they are.
const QUOTA = `fragment QuotaParts on Quota {
  plan { id name } unlimited limit remaining used held granted periodStart resetsAt revision
}`;

const GENERATION = `fragment GenerationParts on Generation {
  id action { id name kind } prompt settings status createdAt finishedAt restoreBy
  charge { status units rule entries { id kind units reason at } }
  outputs { id url contentType bytes width height }
  failure { code message retryable }
}`;

export const START = `query Start { quota { ...QuotaParts } actions { id name kind metered cost } } ${QUOTA}`;

export const HISTORY = `query History($first: Int!, $after: String) {
  generations(first: $first, after: $after) {
    edges { cursor node { ...GenerationParts } }
    pageInfo { hasNextPage endCursor }
  }
} ${GENERATION}`;

export const ONE = `query One($id: ID!) { generation(id: $id) { ...GenerationParts } } ${GENERATION}`;

export const GENERATE = `mutation Generate($input: GenerateInput!) {
  generate(input: $input) {
    ... on GenerationAccepted { replayed generation { ...GenerationParts } quota { ...QuotaParts } }
    ... on QuotaExhausted { resetsAt quota { ...QuotaParts } upgrades { id name unlimited limit } }
  }
} ${GENERATION} ${QUOTA}`;

export const CANCEL = `mutation Cancel($id: ID!) { cancelGeneration(id: $id) { ...GenerationParts } } ${GENERATION}`;

export const PREVIEW = `query Preview($plan: ID!) {
  upgradePreview(plan: $plan) { unlimited limit remaining effectiveAt resetsAt }
}`;

export const CHANGE_PLAN = `mutation ChangePlan($input: ChangePlanInput!) {
  changePlan(input: $input) { ...QuotaParts }
} ${QUOTA}`;

export const QUOTA_CHANGED = `subscription QuotaChanged { quotaChanged { ...QuotaParts } } ${QUOTA}`;

export const GENERATION_CHANGED = `subscription GenerationChanged {
  generationChanged { ...GenerationParts }
} ${GENERATION}`;
