// Writes the FileDescriptorProto of each outer class named on the command line to OUTPUT_DIR/CLASS.pb.
// Run by fetch_release.sh with the released jar on the class path.
import java.io.FileOutputStream;
import java.lang.reflect.Method;

public class DumpDescriptors {
  public static void main(String[] arguments) throws Exception {
    for (int i = 1; i < arguments.length; i++) {
      Method descriptorOf = Class.forName(arguments[i]).getMethod("getDescriptor");
      Object descriptor = descriptorOf.invoke(null);
      Object proto = descriptor.getClass().getMethod("toProto").invoke(descriptor);
      byte[] bytes = (byte[]) proto.getClass().getMethod("toByteArray").invoke(proto);
      try (FileOutputStream file = new FileOutputStream(arguments[0] + "/" + arguments[i] + ".pb")) {
        file.write(bytes);
      }
    }
  }
}
