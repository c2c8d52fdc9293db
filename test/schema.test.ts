import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import type { FaultCode } from '../src/domain/fault.js';
import { documentRules } from '../src/graphql/limits.js';
import { makePrepare } from '../src/graphql/documents.js';
import { makeSchema, schemaSdl } from '../src/graphql/schema.js';

describe('schema', () => {
  it('should be the one partners were given: run `genquota schema > schema/schema.graphql` after a change', () => {
    expect(schemaSdl()).toBe(readFileSync('schema/schema.graphql', 'utf8'));
  });

  it('should be valid on its own', () => {
    expect(() => buildSchema(schemaSdl())).not.toThrow();
  });

  it('should describe every type, field, argument, enum value and input field', () => {
    const bare: string[] = [];
    const look = (
      place: string,
      { description }: { description?: string | null | undefined },
    ): void => {
      if (!description?.trim()) bare.push(place);
    };
    const types = Object.values(makeSchema().getTypeMap()).filter(
      (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
    );
    for (const type of types) {
      look(type.name, type);
      if (isEnumType(type))
        for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          look(`${type.name}.${field.name}`, field);
          for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name})`, arg);
        }
      }
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields()))
          look(`${type.name}.${field.name}`, field);
      }
    }
    expect(types.length).toBeGreaterThan(25);
    expect(bare).toEqual([]);
  });

  it('should say on Query when each error code comes and what to do', () => {
    const codes = {
      ...{ UNAUTHENTICATED: true, FORBIDDEN: true, BAD_USER_INPUT: true, NOT_FOUND: true },
      ...{ IDEMPOTENCY_MISMATCH: true, NO_SUBSCRIPTION: true, RATE_LIMITED: true },
      ...{ UNAVAILABLE: true, DOCUMENT_REFUSED: true, INTERNAL_SERVER_ERROR: true },
    } satisfies Record<FaultCode, true> & Record<string, true>;
    const rows = makeSchema().getQueryType()?.description?.split('\n') ?? [];
    for (const code of Object.keys(codes)) {
      const cells = rows.find((row) => row.startsWith(`| ${code} |`))?.split(' | ') ?? [];
      expect([code, cells.length]).toEqual([code, 3]);
    }
  });

  it('should let the introspection query of explorers pass its limits', () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      inputValueDeprecation: true,
      specifiedByUrl: true,
      schemaDescription: true,
    });
    expect(makePrepare(makeSchema(), documentRules(true))(query)).toHaveProperty(
      'kind',
      'Document',
    );
  });
});
