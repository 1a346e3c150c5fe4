#include "cli/a.h"
#include "base/a.h"
#include "model/b.h"
int main(void){exit(0);}