#include "CDigests.h"
int cdigests_placeholder(void){return 0;}
