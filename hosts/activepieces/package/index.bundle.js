// The piece for Activepieces: everything is declared in connector/declaration.json.
const framework = require('@activepieces/pieces-framework');
const { createPiece } = require('./connector/piece.js');
const declaration = require('./connector/declaration.json');
const logoUrl = require('./connector/logo.json');

exports.scimProvisioning = createPiece(framework, declaration, {
  logoUrl,
  print: (line) => console.log(line),
});
