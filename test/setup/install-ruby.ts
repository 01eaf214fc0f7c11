import { installRuby } from '../../scripts/install-ruby.ts';

/** The tests of the Workato host need Ruby: a machine that has none gets it before they start. */
export default installRuby;
