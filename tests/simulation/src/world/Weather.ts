/** How often each kind of call goes wrong. A run has its weather while the faults last, then a calm to settle in. */

export interface Weather {
  /** Calls to the log and the secrets. `landsLate`: a commit that arrives when its sender has long given it up. */
  readonly log: {
    readonly late: number
    readonly requestLost: number
    readonly answerLost: number
    readonly landsLate: number
  }
  /** One `PUT`: what may become of it instead of a plain answer. */
  readonly put: {
    readonly late: number
    readonly requestLost: number
    readonly answerLost: number
    readonly landsLate: number
    readonly error500: number
    readonly slowDown: number
    readonly tooMany: number
    readonly conflict: number
    readonly foreign: number
  }
  /** One request to a receiver. `refuses`: some records, for no reason; `again`: some items are to be sent again. */
  readonly send: {
    readonly late: number
    readonly requestLost: number
    readonly answerLost: number
    readonly landsLate: number
    readonly error500: number
    readonly tooMany: number
    readonly tooLarge: number
    readonly slower: number
    readonly refuses: number
    readonly again: number
    readonly againAfterPause: number
  }
  /** `HEAD`, and the probe of a receiver. */
  readonly inspect: { readonly late: number; readonly lost: number; readonly error500: number }
  readonly spool: { readonly lost: number; readonly full: number }
  /** How long the followers of `control` may lag, in milliseconds. */
  readonly controlLag: number
}

export const calm: Weather = {
  log: { late: 0, requestLost: 0, answerLost: 0, landsLate: 0 },
  put: {
    late: 0,
    requestLost: 0,
    answerLost: 0,
    landsLate: 0,
    error500: 0,
    slowDown: 0,
    tooMany: 0,
    conflict: 0,
    foreign: 0
  },
  send: {
    late: 0,
    requestLost: 0,
    answerLost: 0,
    landsLate: 0,
    error500: 0,
    tooMany: 0,
    tooLarge: 0,
    slower: 0,
    refuses: 0,
    again: 0,
    againAfterPause: 0
  },
  inspect: { late: 0, lost: 0, error500: 0 },
  spool: { lost: 0, full: 0 },
  controlLag: 0
}

const times = <T extends Readonly<Record<string, number>>>(rates: T, factor: number): { [K in keyof T]: number } => {
  const scaled = { ...rates }
  for (const key in scaled) Object.assign(scaled, { [key]: (rates[key] ?? 0) * factor })
  return scaled
}

const rough: Weather = {
  log: { late: 0.02, requestLost: 0.01, answerLost: 0.01, landsLate: 0.02 },
  put: {
    late: 0.1,
    requestLost: 0.05,
    answerLost: 0.08,
    landsLate: 0.06,
    error500: 0.06,
    slowDown: 0.05,
    tooMany: 0.04,
    conflict: 0.04,
    foreign: 0.08
  },
  send: {
    late: 0.05,
    requestLost: 0.03,
    answerLost: 0.04,
    landsLate: 0.03,
    error500: 0.05,
    tooMany: 0.03,
    tooLarge: 0.05,
    slower: 0.04,
    refuses: 0.05,
    again: 0.05,
    againAfterPause: 0.04
  },
  inspect: { late: 0.1, lost: 0.1, error500: 0.1 },
  spool: { lost: 0.1, full: 0.1 },
  controlLag: 10_000
}

/** The rough weather, made milder or worse part by part. */
export const weatherOf = (
  factors: { readonly log: number; readonly store: number; readonly spool: number; readonly lag: number }
): Weather => ({
  log: times(rough.log, factors.log),
  put: times(rough.put, factors.store),
  send: times(rough.send, factors.store),
  inspect: times(rough.inspect, factors.store),
  spool: times(rough.spool, factors.spool),
  controlLag: rough.controlLag * factors.lag
})
