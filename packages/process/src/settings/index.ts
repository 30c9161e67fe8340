/** Settings for whoever shows them; light enough for the command line. */
export * from "./App.ts"
export { BrokenSetting, type Setting, type Shown, shown } from "./Setting.ts"
export { allSettings, Settings, settings, settingsTable } from "./Settings.ts"
