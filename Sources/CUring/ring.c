#include "CUring.h"
int curing_placeholder(void){return 0;}
