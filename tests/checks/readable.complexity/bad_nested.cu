// kverify: expect=inconclusive stages=static
__global__ void search(const float* x, float* y, int n) {      // expect: readable.complexity
  for (int a = 0; a < n; ++a)
    if (x[a] > 0)
      for (int b = 0; b < n; ++b)
        if (x[b] > x[a])
          for (int c = 0; c < n; ++c)
            if (x[c] > x[b])
              y[c] = x[a];
}
