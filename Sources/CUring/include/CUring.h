int curing_placeholder(void);
