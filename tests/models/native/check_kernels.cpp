// Prints whether the kernels named on the command line agree with the plain ones (see choose.cpp).
#include <cstdio>

#include "choose.h"

int main(int count, char** names) {
  for (int i = 1; i < count; i++) {
    bool agrees = attune::choose_kernels(names[i]) == 0;
    std::printf("%s %s\n", names[i], agrees ? "agrees" : "differs");
    if (!agrees) return 1;
  }
  return 0;
}
