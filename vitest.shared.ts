/** Settings of every package's vitest.config.ts: workspace packages resolve to their source, not to dist. */
import { defineConfig } from "vitest/config"

const conditions = ["tailrace-src", "node", "import", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: ["default", ["json", { outputFile: ".cache/vitest.json" }]]
  }
})
