/** Entry point of `npm start`. */
import { start } from "./start.ts"

start()
