import { OPERATOR_SCOPE } from '../auth.js';
import { DOCUMENT_LIMITS, SOCKET_OPERATIONS } from './limits.js';

const { depth, aliases, tokens, cost } = DOCUMENT_LIMITS;

/** What the whole API has in common, where partners look first: the descriptions of the root types. */
export const ROOT_DESCRIPTIONS = {
  Query: `What can be asked. Fields about an account use the token’s; another account’s things answer as things that do not exist.

**Token.** \`Authorization: Bearer <JWT>\` with every request; its claim \`sub\` is the account. \`plans\` and \`actions\` need none.

**Errors** carry a stable \`extensions.code\` and a message that says what to do next. With \`extensions.retryable: true\` the very same request may succeed later.

| code | when | what to do |
| --- | --- | --- |
| UNAUTHENTICATED | no token, or one that has expired or is not trusted (then HTTP 401) | sign in again, send the new token |
| FORBIDDEN | the token may not do this | use an operator’s token; plans may be billing’s to change; a workspace’s owner gives access; an account that is being deleted can do nothing |
| BAD_USER_INPUT | an argument is out of bounds or names what does not exist | the message names it: correct it |
| NOT_FOUND | the account has nothing with this id, or it was deleted | look it up in \`generations\` or \`workspaces\` |
| IDEMPOTENCY_MISMATCH | the \`requestId\` was used with other content | a new \`requestId\` for a new press |
| NO_SUBSCRIPTION | the account has no plan in force | an operator calls \`putSubscription\` |
| RATE_LIMITED | too much at once; retryable | wait for what is under way, then repeat |
| UNAVAILABLE | something it needs cannot be reached or is busy; retryable | repeat after a pause, with the same \`requestId\` |
| DOCUMENT_REFUSED | the document is over a limit below | ask for less, or in several documents |
| GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, OPERATION_RESOLUTION_FAILURE, BAD_REQUEST | the request is no valid GraphQL for this schema | correct the document or the request |
| INTERNAL_SERVER_ERROR | our mistake | repeat with the same \`requestId\`; give Support \`extensions.correlationId\` |

Codes may be added: treat an unknown one by its \`retryable\`. Being out of quota is no error: see \`GenerateResult\`.

**Limits of a document:** ${depth} levels deep, ${aliases} aliases, ${grouped(tokens)} tokens, and a cost of ${grouped(cost)}: one per field, times \`first\` inside a page (100 when \`first\` is a variable).`,

  Mutation: `What can be changed; errors and limits as described at \`Query\`. Repeat \`generate\` with the same \`requestId\` until its answer is known: it is charged once. So is everything that takes a \`requestId\`. Deleting, removing, moving and leaving have none: repeat them, too, and take NOT_FOUND for done.

Fields marked “Operators” act on any account. Their token has \`${OPERATOR_SCOPE}\` in its space-separated claim \`scope\`; others get FORBIDDEN.`,

  Subscription: `What can be followed, over WebSocket on /graphql, protocol graphql-transport-ws; queries and mutations may be sent there, too. Errors and limits as described at \`Query\`.

The token goes into \`connectionParams\`: \`{ "authorization": "Bearer <JWT>" }\`. Without a good one, and when it expires, the socket is closed with 4401: connect again with a new token. 1001 and 1013 mean: connect again after a pause.

A socket carries at most ${SOCKET_OPERATIONS} operations at once (RATE_LIMITED above that). Every subscription begins with what stands, so nothing is missed by connecting again; \`generationChanged\` without \`id\` is the exception: read \`generations\` after it.`,
};

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
