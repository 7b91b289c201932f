<#import "template.ftl" as layout>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectInvitationTitle", organization)}
  <#elseif section = "form">
    <div id="enterprise-connect-invitation">
      <p>${msg("enterpriseConnectInvitationIntroduction", application, organization)}</p>
      <#if relink>
        <p>${msg("enterpriseConnectInvitationRelink")}</p>
      </#if>
      <h2>${msg("enterpriseConnectInvitationAccess")}</h2>
      <ul>
        <#list scopes as scope><li><code>${scope}</code></li></#list>
        <#list delegatedScopes as scope><li><code>${scope}</code></li></#list>
      </ul>
      <#if domains?has_content>
        <h2>${msg("enterpriseConnectInvitationDomains")}</h2>
        <ul>
          <#list domains as domain><li>${domain}</li></#list>
        </ul>
      </#if>
      <form method="post">
        <input class="${properties.kcButtonClass!} ${properties.kcButtonPrimaryClass!} ${properties.kcButtonBlockClass!} ${properties.kcButtonLargeClass!}" type="submit" id="enterprise-connect-continue" value="${msg("enterpriseConnectInvitationContinue")}">
      </form>
    </div>
  </#if>
</@layout.registrationLayout>
