/** A request's body as it was before it was compressed. */
import { gunzipSync } from "node:zlib"
import type { Got } from "../../network/ScriptedServer.ts"

export const contentOf = ({ body, headers }: Got): Buffer =>
  headers["content-encoding"] === "gzip" ? gunzipSync(body) : body
