/** Commands, read models and the HTTP handlers of the admin API. */
export {}
