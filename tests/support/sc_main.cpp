// Catch2 owns main(); libsystemc only needs the symbol.
int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}
