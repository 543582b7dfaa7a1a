#include "tests/unit/dataset_check.h"
int main(void) { return 0; }
