// Catch2 owns main(); libsystemc only needs the symbol.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) {
  return 0;
}
