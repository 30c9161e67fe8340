// Unit tests of this package; the shared settings are in the root's vitest.shared.ts.
export { default } from "../../vitest.shared.ts"
