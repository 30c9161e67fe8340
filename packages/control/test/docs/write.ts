/** `npm run docs`: writes the pages of `docs/destinations`. */
import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { pages } from "./pages.ts"

export const folder = path.join(import.meta.dirname, "../../../../docs/destinations")

if (import.meta.main) {
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of pages) writeFileSync(path.join(folder, file), text)
}
