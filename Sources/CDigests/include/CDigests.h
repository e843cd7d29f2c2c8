int cdigests_placeholder(void);
