import type { ReportedUser, RoleEnvironment, RoleReport } from '../../report/role-report.ts';
import type { Drift } from './drift.ts';
import { chartsCss } from './generated/charts-css.ts';
import { Html, html } from './html.ts';
import { pageCss } from './page-css.ts';
import { type Finding, findingsOf, noRoles, type ReportContent, rolesText } from './report-content.ts';

/** A browser needs long for larger tables. The page says so, and CSV and JSON have everyone. */
const mostRows = 1_000;

/**
 * A report as one page without scripts, fonts, or requests. Each chart has its figures in a table next to it.
 */
export function reportPage({ baseUrl, createdAt, report, drift }: ReportContent): string {
  const active = report.users.filter((user) => user.active).length;
  const findings = findingsOf(report);
  const environments = report.environments.filter(({ roles }) => roles.length > 0);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="generator" content="Rolecall">
<title>Roles at ${baseUrl}</title>
<style>${new Html(chartsCss)}</style>
<style>${new Html(pageCss)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>Who has which role</h1>
<p>${baseUrl}, <time datetime="${createdAt}">${createdAt.slice(0, 16).replace('T', ' ')} UTC</time></p>
</header>
<main id="main">
<dl class="figures">
${[
  figure('Users', report.users.length),
  figure('Active', active),
  figure('Inactive', report.users.length - active),
  figure('Groups', report.groups ?? 'not known'),
  ...findings.map(({ title, users }) => figure(title, users?.length ?? 'not known')),
  ...(drift === undefined ? [] : [figure('Drift from the desired state', drift.changes.length)]),
]}
</dl>
${environments.length === 0 ? html`<section><p>${noRoles}</p></section>` : environments.map(environmentSection)}
${findings.map((finding) => findingSection(report, finding))}
${drift === undefined ? '' : driftSection(drift)}
${usersSection(report)}
${report.notes.length === 0 ? '' : html`<section><h2>Notes</h2><ul>${report.notes.map((note) => html`<li>${note}</li>`)}</ul></section>`}
</main>
</body>
</html>
`.markup;
}

function figure(name: string, value: string | number): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A chart of the roles in one environment, and the same figures as a table. */
function environmentSection({ title, roles, withoutRole }: RoleEnvironment, at: number): Html {
  const most = Math.max(1, ...roles.map(({ active, inactive }) => active + inactive));
  const id = `environment-${at}`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<div class="pair">
<div class="chart" role="img" aria-label="Chart of the users with each role. The table has the same figures.">
<ul class="charts-css legend legend-square legend-inline" aria-hidden="true"><li>active</li><li>inactive</li></ul>
<table class="charts-css bar multiple stacked show-labels data-spacing-5" aria-hidden="true">
<tbody>
${roles.map(
  ({ role, active, inactive }) =>
    html`<tr><th><span>${role}</span></th><td style="--size: ${share(active, most)}"><span class="data">${active === 0 ? '' : active}</span></td><td style="--size: ${share(inactive, most)}"><span class="data">${inactive === 0 ? '' : inactive}</span></td></tr>`,
)}
</tbody>
</table>
</div>
${tableOf(
  `${title}: users by role`,
  ['Role', 'Active', 'Inactive'],
  [...roles.map((one) => [one.role, one.active, one.inactive]), ['(no role)', withoutRole, '']],
)}
</div>
</section>`;
}

function share(count: number, most: number): string {
  return (count / most).toFixed(4);
}

function findingSection(report: RoleReport, { key, title, meaning, users }: Finding): Html {
  const content =
    users === null
      ? html`<p>Not known. See the notes.</p>`
      : users.length === 0
        ? html`<p>None.</p>`
        : userTable(title, report, users);
  return html`<section aria-labelledby="${key}">
<h2 id="${key}">${title}: ${users?.length ?? 'not known'}</h2>
<p>${meaning}</p>
${content}
</section>`;
}

function userTable(caption: string, report: RoleReport, users: readonly ReportedUser[]): Html {
  const rows = users
    .slice(0, mostRows)
    .map((user) => [
      user.userName,
      user.displayName,
      user.active ? 'active' : 'inactive',
      user.manager,
      user.groups.join(', '),
      rolesText(report, user),
    ]);
  return html`${tableOf(caption, ['Username', 'Name', 'State', 'Manager', 'Groups', 'Roles'], rows)}
${restOf(users.length)}`;
}

function usersSection(report: RoleReport): Html {
  const holders = report.users.filter(({ roles }) => Object.keys(roles).length > 0);
  return html`<section aria-labelledby="holders">
<h2 id="holders">Users with a role: ${holders.length}</h2>
${userTable('Users with a role', report, holders)}
</section>`;
}

function driftSection({ summary, changes, problems, notes }: Drift): Html {
  const rows = changes.slice(0, mostRows).map(({ kind, name, details }) => [kind, name, details]);
  const lines = [...problems, ...notes];
  return html`<section aria-labelledby="drift">
<h2 id="drift">Drift from the desired state: ${changes.length}</h2>
<p>${summary}</p>
${rows.length === 0 ? '' : tableOf('Drift from the desired state', ['Change', 'User or group', 'Details'], rows)}
${restOf(changes.length)}
${lines.length === 0 ? '' : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`}
</section>`;
}

function restOf(count: number): Html {
  return count > mostRows
    ? html`<p>The first ${mostRows} of ${count}. The report as CSV or JSON has all of them.</p>`
    : html``;
}

/** A table that scrolls by itself on a narrow screen, also by keyboard. */
function tableOf(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table>
<caption>${caption}</caption>
<thead><tr>${heads.map((head, at) =>
    typeof rows[0]?.[at] === 'number'
      ? html`<th scope="col" class="number">${head}</th>`
      : html`<th scope="col">${head}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  ([first = '', ...rest]) =>
    html`<tr><th scope="row">${first}</th>${rest.map(
      (cell) => html`<td class="${classOf(cell)}">${cell}</td>`,
    )}</tr>`,
)}
</tbody>
</table>
</div>`;
}

/** Long texts keep a readable width; the table scrolls instead. */
function classOf(cell: string | number): string {
  if (typeof cell === 'number') return 'number';
  return cell.length > 40 ? 'wide' : 'text';
}
