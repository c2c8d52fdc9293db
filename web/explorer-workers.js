// Read by the editor when it is loaded: where its language services lie. Same origin, so no blob: workers are needed.
const files = {
  editorWorkerService: '/vendor/graphiql-editor.js',
  json: '/vendor/graphiql-json.js',
  graphql: '/vendor/graphiql-graphql.js',
};
window.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => files[label] };
