/** A label followed by the unit of the value: "Maximum response size (bytes)". */
export function labelWithUnit(label: string, unit: string | undefined): string {
  return unit === undefined ? label : `${label} (${unit})`;
}
