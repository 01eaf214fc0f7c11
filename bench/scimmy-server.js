// scimmy-routers over express, with users in a Map, as a server process of bench/sandbox.ts: TOKEN.
// JavaScript, because express comes without types.
import { randomUUID } from 'node:crypto';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const [token] = process.argv.slice(2);
const users = new Map();
const userNames = new Set();

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress((resource, data) => {
    const userName = data.userName.toLowerCase();
    if (resource.id === undefined && userNames.has(userName)) {
      throw new SCIMMY.Types.Error(409, 'uniqueness', 'The userName is taken');
    }
    userNames.add(userName);
    const id = resource.id ?? randomUUID();
    const time = new Date();
    // Copied, since scimmy's data are live objects of its own.
    const stored = { ...JSON.parse(JSON.stringify(data)), id, meta: { created: time, lastModified: time } };
    users.set(id, stored);
    return stored;
  })
  .egress((resource) => {
    if (resource.id === undefined) return [...users.values()];
    const found = users.get(resource.id);
    if (found === undefined) throw new SCIMMY.Types.Error(404, null, 'Not found');
    return found;
  })
  .degress((resource) => users.delete(resource.id));

const app = express();
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.header('Authorization') !== `Bearer ${token}`) throw new Error('Unauthorized');
      return 'bench';
    },
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${server.address().port}/scim/v2`);
});

process.once('disconnect', () => process.exit(0));
