#include <pthread.h>
int f(void) { return pthread_create(a, 0, b, 0); }
