/* A shared object that is no module: it has no manifest. */
int acme_answer(void);
int acme_answer(void) { return 42; }
