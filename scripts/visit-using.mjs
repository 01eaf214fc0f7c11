// Preloaded into dependency-cruiser by `npm run check layers`: the visitor of @swc/core throws on using declarations,
// which its parser knows.
import visitor from '@swc/core/Visitor.js';

const { prototype } = visitor.Visitor;
const { visitStatement } = prototype;

prototype.visitStatement = function visit(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};
