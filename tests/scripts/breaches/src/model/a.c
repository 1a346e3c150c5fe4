#include "cli/x.h"
#include <jansson.h>
#include "a.h"
#include "base/log.h"
#include "base/log_priv.h"
/* exit(1) and printf("x") in a comment
   printf("x"); */
static const char *s = "exit(1)"; // exit(2)
void f(void) { fprintf(stderr, "x"); snprintf(b,1,"printf("); _exit(1); my_exit(1); }
void g(void) { exit(1); }
void h(void) { printf("x"); }
void i(void) { fputs("x", stdout); }
