/** The servers that can be started, by the words that their operators use. The command line is none of them. */

/** `tailrace` is the other three in one process. */
export type App = "tailrace" | "control" | "ingest" | "delivery"

/** Where each listens unless `TAILRACE_LISTEN` says otherwise: side by side on one machine they do not collide. */
export const usualListen: Readonly<Record<App, string>> = {
  tailrace: "127.0.0.1:8080",
  control: "127.0.0.1:8080",
  ingest: "127.0.0.1:8088",
  delivery: "127.0.0.1:8089"
}

/** For `--help`. */
export const purposes: Readonly<Record<App, string>> = {
  tailrace: "Tailrace: log streaming for tailnets, everything in one process.",
  control: "Tailrace control: the API, its documentation, and the first tailnet. Needs Kafka.",
  ingest: "Tailrace ingest: takes records by Splunk HEC and NDJSON. Needs Kafka.",
  delivery: "Tailrace delivery: brings records to their destinations. Needs Kafka."
}

/** Of every app; they are released together. */
export const version = "0.0.0"
