#include "gear.h"

#include <stdio.h>

unsigned long gear_ratio(const struct gear_pair *train, size_t count)
{
    unsigned long long ratio = 1000;

    for (size_t i = 0; i < count; i++) {
        if (train[i].driver == 0 || train[i].driven == 0)
            return 0;
        ratio = ratio * train[i].driver / train[i].driven;
    }
    return (unsigned long)ratio;
}

int main(void)
{
    /* pit wheel and wallower, then spur wheel and stone nut */
    const struct gear_pair train[] = {{88, 22}, {72, 20}};

    printf("%lu\n", gear_ratio(train, sizeof train / sizeof train[0]));
    return 0;
}
