/** The type `s3`: Amazon S3 and everything compatible with it. */
import type { S3Config } from "@tailrace/domain"
import type { StoreType } from "../registry.ts"
import { checkS3Config, s3Target } from "./S3Endpoint.ts"
import { openS3Store } from "./S3Store.ts"

export const s3Type: StoreType<S3Config> = { check: checkS3Config, target: s3Target, open: openS3Store }
