import { sleep } from 'n8n-workflow';
import declaration from '../../connector/declaration.json';
import { createHost } from '../../connector/host';

/** The connector, made once for all nodes. */
export const host = createHost(declaration, sleep);
