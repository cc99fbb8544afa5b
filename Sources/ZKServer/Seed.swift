import ZKCore
