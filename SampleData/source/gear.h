#ifndef GEAR_H
#define GEAR_H

#include <stddef.h>

/* A train of gears: the teeth of each driver and of what it drives. */
struct gear_pair {
    unsigned driver;
    unsigned driven;
};

/* How often the last shaft turns for one turn of the first, in thousandths; 0 if a wheel has no teeth. */
unsigned long gear_ratio(const struct gear_pair *train, size_t count);

#endif
