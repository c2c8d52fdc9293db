import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Bounds of one document. What is over them is refused before anything runs. */
export interface DocumentLimits {
  depth: number;
  aliases: number;
  tokens: number;
  cost: number;
}

// GraphiQL's own introspection query is the deepest (15 levels) document that has to pass. A full page of 100 generations
// with everything in it costs about 4,400, so two of them in one document do not. graphql-js compares equal fields pair by
// pair: 1,000 tokens can keep it busy for 165 ms, 600 for 65.
export const DOCUMENT_LIMITS: DocumentLimits = { depth: 16, aliases: 20, tokens: 600, cost: 5_000 };

/** Queries, mutations and subscriptions that are open on one WebSocket at once. */
export const SOCKET_OPERATIONS = 100;

// What a page is taken for when its size is in a variable: the largest there is.
const PAGE_MAX = 100;

/** The rules every document passes, on HTTP and WebSocket alike; the token limit is the parser's. */
export function documentRules(introspection: boolean, limits = DOCUMENT_LIMITS): ValidationRule[] {
  const rules = [limitRule(limits)];
  return introspection ? rules : [...rules, NoSchemaIntrospectionCustomRule];
}

interface Size {
  depth: number;
  aliases: number;
  /** Fields answered at most, pages counted with their size. */
  cost: number;
}

const NOTHING: Size = { depth: 0, aliases: 0, cost: 0 };

function limitRule(limits: DocumentLimits): ValidationRule {
  return (context) => {
    const sizeOf = makeSizeOf(context);
    return {
      OperationDefinition(operation) {
        const root = context.getSchema().getRootType(operation.operation);
        const size = sizeOf(operation.selectionSet, root);
        for (const limit of ['depth', 'aliases', 'cost'] as const) {
          if (size[limit] <= limits[limit]) continue;
          const message = `The document's ${limit} is ${size[limit]}; at most ${limits[limit]} is answered. Ask for less, or in several documents.`;
          context.reportError(
            new GraphQLError(message, {
              nodes: operation,
              extensions: { code: 'DOCUMENT_REFUSED' },
            }),
          );
        }
      },
    };
  };
}

type SizeOf = (selections: SelectionSetNode, parent: GraphQLNamedType | null | undefined) => Size;

/** Every fragment is measured once, so the work grows with the document and not with what it expands to. */
function makeSizeOf(context: ValidationContext): SizeOf {
  const fragments = new Map<string, Size>();

  function sizeOf(set: SelectionSetNode, parent: GraphQLNamedType | null | undefined): Size {
    return set.selections.reduce<Size>((total, selection) => {
      if (selection.kind === Kind.FIELD) return sum(total, sizeOfField(selection, parent));
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        return sum(total, sizeOfFragment(selection.name.value));
      }
      const named = selection.typeCondition?.name.value;
      const type = named === undefined ? parent : context.getSchema().getType(named);
      return sum(total, sizeOf(selection.selectionSet, type));
    }, NOTHING);
  }

  function sizeOfField(node: FieldNode, parent: GraphQLNamedType | null | undefined): Size {
    const field = fieldOf(node, parent);
    const type = field && getNamedType(field.type);
    const inner = node.selectionSet
      ? sizeOf(node.selectionSet, isCompositeType(type) ? type : undefined)
      : NOTHING;
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      cost: 1 + inner.cost * pageSize(node, field),
    };
  }

  function sizeOfFragment(name: string): Size {
    const known = fragments.get(name);
    if (known) return known;
    // One that contains itself is refused by another rule; here it only has to end.
    fragments.set(name, NOTHING);
    const fragment = context.getFragment(name);
    const size = fragment
      ? sizeOf(
          fragment.selectionSet,
          context.getSchema().getType(fragment.typeCondition.name.value),
        )
      : NOTHING;
    fragments.set(name, size);
    return size;
  }

  return sizeOf;
}

function sum(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    cost: a.cost + b.cost,
  };
}

function fieldOf(
  node: FieldNode,
  parent: GraphQLNamedType | null | undefined,
): GraphQLField<unknown, unknown> | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
  return parent.getFields()[node.name.value];
}

/** How often what is inside a field is answered: as often as its argument `first` says. */
function pageSize(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number {
  const first = field?.args.find(({ name }) => name === 'first');
  if (!first) return 1;
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (given?.kind === Kind.INT) return Math.max(Number(given.value), 1);
  if (given !== undefined) return PAGE_MAX;
  return typeof first.defaultValue === 'number' ? first.defaultValue : PAGE_MAX;
}
