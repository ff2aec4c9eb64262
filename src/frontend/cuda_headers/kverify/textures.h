// Texture and surface objects: handles that host code makes and kernels read through. What reads through one is named when it
// is called, since nothing here knows the array behind it.
#pragma once
#pragma GCC system_header
#include "qualifiers.h"
#include "runtime_api.h"

typedef unsigned long long cudaTextureObject_t;
typedef unsigned long long cudaSurfaceObject_t;
enum cudaTextureReadMode : int { cudaReadModeElementType, cudaReadModeNormalizedFloat };
enum cudaTextureAddressMode : int {
  cudaAddressModeWrap, cudaAddressModeClamp, cudaAddressModeMirror, cudaAddressModeBorder
};
enum cudaTextureFilterMode : int { cudaFilterModePoint, cudaFilterModeLinear };
enum cudaResourceType : int {
  cudaResourceTypeArray, cudaResourceTypeMipmappedArray, cudaResourceTypeLinear, cudaResourceTypePitch2D
};
enum cudaChannelFormatKind : int {
  cudaChannelFormatKindSigned, cudaChannelFormatKindUnsigned, cudaChannelFormatKindFloat, cudaChannelFormatKindNone
};
struct cudaChannelFormatDesc {
  int x, y, z, w;
  cudaChannelFormatKind f;
};
struct cudaExtent {
  size_t width, height, depth;
};
struct cudaResourceDesc {
  cudaResourceType resType;
  union {
    struct { cudaArray_t array; } array;
    struct { void* devPtr; cudaChannelFormatDesc desc; size_t sizeInBytes; } linear;
    struct { void* devPtr; cudaChannelFormatDesc desc; size_t width, height, pitchInBytes; } pitch2D;
  } res;
};
struct cudaTextureDesc {
  cudaTextureAddressMode addressMode[3];
  cudaTextureFilterMode filterMode;
  cudaTextureReadMode readMode;
  int sRGB;
  float borderColor[4];
  int normalizedCoords;
  unsigned maxAnisotropy;
};
struct cudaResourceViewDesc;
extern "C" {
cudaError_t cudaCreateTextureObject(cudaTextureObject_t*, const cudaResourceDesc*, const cudaTextureDesc*,
                                    const cudaResourceViewDesc*);
cudaError_t cudaDestroyTextureObject(cudaTextureObject_t);
cudaError_t cudaCreateSurfaceObject(cudaSurfaceObject_t*, const cudaResourceDesc*);
cudaError_t cudaDestroySurfaceObject(cudaSurfaceObject_t);
cudaError_t cudaMallocArray(cudaArray_t*, const cudaChannelFormatDesc*, size_t, size_t = 0, unsigned = 0);
cudaError_t cudaFreeArray(cudaArray_t);
cudaError_t cudaMemcpy2DToArray(cudaArray_t, size_t, size_t, const void*, size_t, size_t, size_t, cudaMemcpyKind);
cudaChannelFormatDesc cudaCreateChannelDesc(int, int, int, int, cudaChannelFormatKind);
__device__ void kverify_unsupported_texture_read();
__device__ void kverify_unsupported_surface_access();
}
template <class T> cudaChannelFormatDesc cudaCreateChannelDesc();

#define KV_TEXTURE(name, ...)                                            \
  template <class T> KV_DEVICE T name(cudaTextureObject_t, __VA_ARGS__) { \
    kverify_unsupported_texture_read();                                  \
    return T();                                                          \
  }
KV_TEXTURE(tex1Dfetch, int) KV_TEXTURE(tex1D, float) KV_TEXTURE(tex2D, float, float) KV_TEXTURE(tex3D, float, float, float)
KV_TEXTURE(tex1DLod, float, float) KV_TEXTURE(tex2DLod, float, float, float) KV_TEXTURE(tex1DLayered, float, int)
KV_TEXTURE(tex2DLayered, float, float, int) KV_TEXTURE(texCubemap, float, float, float)
KV_TEXTURE(tex2Dgather, float, float, int = 0)
#undef KV_TEXTURE
enum cudaSurfaceBoundaryMode : int { cudaBoundaryModeZero, cudaBoundaryModeClamp, cudaBoundaryModeTrap };
#define KV_SURFACE(read, write, ...)                                                                                \
  template <class T> KV_DEVICE T read(cudaSurfaceObject_t, __VA_ARGS__, cudaSurfaceBoundaryMode = cudaBoundaryModeTrap) { \
    kverify_unsupported_surface_access();                                                                           \
    return T();                                                                                                     \
  }                                                                                                                 \
  template <class T>                                                                                                \
  KV_DEVICE void write(T, cudaSurfaceObject_t, __VA_ARGS__, cudaSurfaceBoundaryMode = cudaBoundaryModeTrap) {        \
    kverify_unsupported_surface_access();                                                                           \
  }
KV_SURFACE(surf1Dread, surf1Dwrite, int) KV_SURFACE(surf2Dread, surf2Dwrite, int, int)
KV_SURFACE(surf3Dread, surf3Dwrite, int, int, int)
#undef KV_SURFACE
