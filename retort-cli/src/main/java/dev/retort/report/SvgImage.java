package dev.retort.report;

import java.awt.Dimension;
import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * A figure as SVG: one element without a prologue, so that it stands in a page as well as alone.
 */
final class SvgImage {
  private static final String SVG = "http://www.w3.org/2000/svg";

  private SvgImage() {}

  /** The figure in one theme. Ids begin with the figure's name and theme: several share a page. */
  static String of(Figure figure, Theme theme) {
    Document document = document();
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
    context.setIDGenerator(new PrefixedIds(figure.name() + "-" + theme.name().charAt(0)));
    context.setPrecision(2);
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    graphics.setSVGCanvasSize(new Dimension(figure.width(), figure.height()));
    figure
        .chart()
        .apply(theme)
        .draw(graphics, new Rectangle2D.Double(0, 0, figure.width(), figure.height()));
    Element root = graphics.getRoot();
    tidy(root);
    root.setAttribute("viewBox", "0 0 " + figure.width() + " " + figure.height());
    root.setAttribute("font-family", Typeface.CSS_STACK);
    root.setAttribute("role", "img");
    root.setAttribute("aria-label", figure.description());
    return serialized(root);
  }

  private static Document document() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVG, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("The Java runtime has no XML document builder", e);
    }
  }

  /** One font stack for all, no comment of the generator, and no id that every file would share. */
  private static void tidy(Element element) {
    element.removeAttribute("font-family");
    if (element.getAttribute("id").equals("genericDefs")) {
      element.removeAttribute("id");
    }
    Node child = element.getFirstChild();
    while (child != null) {
      Node next = child.getNextSibling();
      if (child.getNodeType() == Node.COMMENT_NODE) {
        element.removeChild(child);
      } else if (child instanceof Element inner) {
        tidy(inner);
      }
      child = next;
    }
  }

  private static String serialized(Element root) {
    try {
      Transformer transformer = TransformerFactory.newInstance().newTransformer();
      transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
      StringWriter out = new StringWriter();
      transformer.transform(new DOMSource(root), new StreamResult(out));
      return out.toString();
    } catch (TransformerException e) {
      throw new IllegalStateException("The Java runtime cannot write XML", e);
    }
  }

  private static final class PrefixedIds extends SVGIDGenerator {
    private final String prefix;

    PrefixedIds(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public String generateID(String kind) {
      return super.generateID(prefix + "-" + kind);
    }
  }
}
